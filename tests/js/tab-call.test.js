import assert from "node:assert/strict";
import { test } from "node:test";
import { whyNoTab } from "../../static/meetings/another-tab.js";
import { stateOf } from "../../static/meetings/people-list.js";
import { lineOf } from "../../static/meetings/tab-call.js";

const scope = (constraints, more = {}) => ({
  isSecureContext: true,
  navigator: {
    mediaDevices: {
      getDisplayMedia() {},
      getSupportedConstraints: () => constraints,
      ...more,
    },
  },
});

test("it knows the browsers that give the sound of other tabs", () => {
  assert.equal(whyNoTab(scope({ suppressLocalAudioPlayback: true })), "");
});

test("it says so in a browser that shares pictures alone, and on a phone", () => {
  const phone = { getDisplayMedia: undefined };
  const knows = { suppressLocalAudioPlayback: true };
  for (const lacks of [scope({ width: true }), scope(knows, phone)])
    assert.match(whyNoTab(lacks), /does not give the sound/);
  assert.match(whyNoTab({ isSecureContext: false, navigator: {} }), /not secure/);
});

test("it says that the other side is recorded only while it is", () => {
  const recorded = [
    "nothing",
    "silent",
    "ended",
    "stopped",
    "connecting",
    "lost",
    "live",
  ]
    .map((state) => lineOf(state, "Globex", true))
    .filter(({ recorded }) => recorded);
  assert.equal(recorded.length, 1);
  assert.match(recorded[0].sentence, /^Globex is recorded/);
});

test("it promises to hand in only what is kept", () => {
  assert.match(lineOf("lost", "Globex", true).sentence, /kept here/);
  assert.doesNotMatch(lineOf("lost", "Globex", false).sentence, /kept/);
});

test("it says what is wrong in its own words", () => {
  assert.equal(lineOf("Your computer does not let us.", "Globex").recorded, false);
  assert.match(lineOf("Your computer does not let us.", "Globex").sentence, /computer/);
});

test("it lists a call in another tab as one", () => {
  const person = { recorded: true, recording: true, source: "tab", state: "live" };
  assert.equal(stateOf(person), "call in another tab, recorded");
});

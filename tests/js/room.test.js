import assert from "node:assert/strict";
import { test } from "node:test";
import { explain, heard, missing, opened } from "../../static/meetings/devices.js";
import { SpeakingMark, levelOf } from "../../static/meetings/levels.js";
import { stateOf } from "../../static/meetings/people-list.js";
import { Pulse } from "../../static/meetings/pulse.js";
import { connectionLine, consentWord, known } from "../../static/meetings/recording.js";
import { columnsFor } from "../../static/meetings/tiles.js";

test("it reads silence as 0, a loud voice as 1, speech in between", () => {
  const tone = (amplitude) =>
    Float32Array.from({ length: 1024 }, (_, n) => amplitude * Math.sin(n / 5));
  assert.equal(levelOf(tone(0)), 0);
  assert.equal(levelOf(tone(0.9)), 1);
  const speech = levelOf(tone(0.05));
  assert.ok(speech > 0.5 && speech < 0.8, String(speech));
});

test("it keeps the ring of a speaker between words", () => {
  const mark = new SpeakingMark();
  assert.deepEqual(
    [
      [0, 0],
      [0.6, 100],
      [0, 300],
      [0, 600],
    ].map(([level, now]) => mark.isSpeaking(level, now)),
    [false, true, true, false],
  );
});

test("it sees a connection that stopped receiving", () => {
  const pulse = new Pulse(0);
  assert.equal(pulse.isStalled({ sent: 10, received: 5 }, 1000, true), false);
  assert.equal(pulse.isStalled({ sent: 20, received: 5 }, 5000, true), false);
  assert.equal(pulse.isStalled({ sent: 30, received: 5 }, 6000, true), true);
});

test("it expects nothing to be sent by who only listens", () => {
  const pulse = new Pulse(0);
  pulse.isStalled({ sent: 0, received: 1 }, 1000, false);
  assert.equal(pulse.isStalled({ sent: 0, received: 99 }, 60_000, false), false);
});

test("it sees a microphone that stopped sending", () => {
  const pulse = new Pulse(0);
  pulse.isStalled({ sent: 10, received: 1 }, 1000, true);
  assert.equal(pulse.isStalled({ sent: 10, received: 9 }, 6000, true), true);
});

test("it makes tiles as large as the stage allows", () => {
  assert.equal(columnsFor(1, 1000, 700), 1);
  assert.equal(columnsFor(2, 1000, 700), 2);
  assert.equal(columnsFor(2, 380, 600), 1);
  assert.equal(columnsFor(4, 1000, 700), 2);
  assert.equal(columnsFor(6, 1400, 700), 3);
});

test("it says who is recorded and who is not", () => {
  const person = { recorded: true, recording: true, muted: false, state: "live" };
  assert.equal(stateOf(person), "recorded");
  assert.equal(stateOf({ ...person, recording: false }), "agreed to be recorded");
  assert.equal(
    stateOf({ ...person, recorded: false, muted: true }),
    "not recorded, muted",
  );
  assert.equal(stateOf({ ...person, listens: true }), "recorded, no microphone");
});

test("it knows of a recording only while it is connected", () => {
  const people = [
    { id: 1, recording: false },
    { id: 2, recording: true },
  ];
  assert.deepEqual(known("live", people), people);
  for (const state of ["connecting", "reconnecting", "final"])
    assert.ok(known(state, people).every(({ recording }) => !recording));
});

test("it promises no recording without a connection", () => {
  assert.match(connectionLine("reconnecting", true), /may not be recorded/);
  assert.doesNotMatch(connectionLine("reconnecting", false), /recorded/);
  assert.equal(connectionLine("live", true), "");
});

test("it says by the choice and by what is written whether we are recorded", () => {
  assert.equal(consentWord(true, true), "You are recorded");
  assert.equal(consentWord(true, false), "Not recorded now");
  assert.equal(consentWord(false, false), "You are not recorded");
});

test("it says what is wrong with a device and what to do", () => {
  const sentence = explain({ name: "NotAllowedError" }, "camera");
  assert.equal(
    sentence,
    "Your camera is blocked. Allow it in the address bar, then press Try again.",
  );
  assert.match(explain({ name: "OddError", message: "why" }), /why.*Try again/);
});

test("it names the device that opened, and says of a microphone that it hears only then", () => {
  assert.match(opened("microphone", "Headset"), /^Headset is on. Say something/);
  assert.equal(opened("camera", ""), "Your camera is on.");
  assert.equal(heard("Headset"), "Headset hears you.");
});

test("it says before the click what a browser lacks", () => {
  const full = {
    isSecureContext: true,
    navigator: { mediaDevices: { getUserMedia() {} } },
    RTCPeerConnection: class {},
    RTCRtpTransceiver: class {
      setCodecPreferences() {}
    },
  };
  assert.equal(missing(full), "");
  assert.match(missing({ ...full, isSecureContext: false }), /https/);
  assert.match(missing({ ...full, navigator: {} }), /cannot open a microphone/);
  assert.match(missing({ ...full, RTCPeerConnection: undefined }), /too old/);
});

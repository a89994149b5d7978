import assert from "node:assert/strict";
import { test } from "node:test";
import {
  blur,
  canBlur,
  explain,
  heard,
  missing,
  opened,
} from "../../static/meetings/devices.js";
import { SpeakingMark, levelOf } from "../../static/meetings/levels.js";
import { SilentMark } from "../../static/meetings/own-silence.js";
import { canShare, whyNot } from "../../static/meetings/own-screen.js";
import { playersLine, stateOf } from "../../static/meetings/people-list.js";
import { Doubt, Pulse } from "../../static/meetings/pulse.js";
import {
  connectionLine,
  consentWord,
  failureLine,
  known,
} from "../../static/meetings/recording.js";
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

test("it doubts a connection of which nothing is heard for 2 s", () => {
  const doubt = new Doubt(0, 500);
  const looks = [500, 1000, 1500, 2000, 2500, 3000].map((now) =>
    doubt.isUnheard([600, 900], now),
  );
  assert.deepEqual(looks, [false, false, false, false, false, true]);
});

test("it does not doubt one of which something is heard by either way", () => {
  const doubt = new Doubt(3500, 500);
  assert.equal(doubt.isUnheard([0, 3000], 4000), false);
  assert.equal(doubt.isUnheard([4200, 0], 4500), false);
});

test("it knows nothing while the page itself stood still", () => {
  const doubt = new Doubt(0, 500);
  assert.equal(doubt.isUnheard([400, 400], 4000), null);
  assert.equal(doubt.isUnheard([4400, 400], 4500), false);
});

test("it makes tiles as large as the stage allows", () => {
  assert.equal(columnsFor(1, 1000, 700), 1);
  assert.equal(columnsFor(2, 1000, 700), 2);
  assert.equal(columnsFor(2, 380, 600), 1);
  assert.equal(columnsFor(4, 1000, 700), 2);
  assert.equal(columnsFor(6, 1400, 700), 3);
});

test("it says how many programs play the call", () => {
  assert.deepEqual([0, undefined, 1, 3].map(playersLine), [
    "",
    "",
    "1 program plays this call.",
    "3 programs play this call.",
  ]);
});

test("it tells a source from a person", () => {
  const source = { recorded: true, recording: true, state: "live", source: "whip" };
  assert.equal(stateOf(source), "WHIP source, recorded");
  assert.equal(
    stateOf({ ...source, recording: false, listens: true }),
    "WHIP source, nothing recorded yet",
  );
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
  const silent = { ...person, silent: true };
  assert.equal(stateOf(silent), "recorded, microphone sends nothing");
  assert.equal(stateOf({ ...silent, muted: true }), "recorded, muted");
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
  assert.match(connectionLine("reconnecting", true), /is not recorded/);
  assert.doesNotMatch(connectionLine("reconnecting", false), /recorded/);
  assert.doesNotMatch(connectionLine("reconnecting", false, true), /kept/);
  assert.equal(connectionLine("live", true), "");
});

test("it promises to hand in what is kept, and no more than is kept", () => {
  const says = (away) => connectionLine("reconnecting", true, true, away);
  assert.equal(
    says(0),
    "Connection lost. What you say is kept here and handed in when you are back.",
  );
  assert.match(says(601_000), /last 10 minutes/);
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

test("it offers to share where the browser can show a screen", () => {
  assert.equal(canShare({ mediaDevices: { getDisplayMedia() {} } }), true);
  assert.equal(canShare({ mediaDevices: {} }), false);
  assert.equal(canShare({}), false);
});

test("it says why a screen did not open, and nothing when none was chosen", () => {
  const refused = (message) => whyNot({ name: "NotAllowedError", message });
  assert.equal(refused("Permission denied by user"), "");
  assert.match(refused("Permission denied by system"), /privacy settings/);
  assert.match(whyNot({ name: "NotReadableError", message: "busy" }), /busy/);
});

test("it says that pictures are lost, and that sound is not", () => {
  const pictures = failureLine({ code: "disk_full", kind: "video" });
  assert.match(pictures, /^Video .* nearly full\. Sound and captions go on\.$/);
  const sound = failureLine({ code: "disk_full", kind: "audio" });
  assert.match(sound, /^The recording has a gap: the server's disk is full\./);
});

test("it says of a slow disk that the recording waits, and of no gap", () => {
  const line = failureLine({ code: "disk_slow", kind: "audio" });
  assert.match(line, /^The server's disk is slow: the recording waits\./);
});

test("it tells a dead microphone from a quiet person", () => {
  const mark = new SilentMark();
  const seen = [
    [false, 0],
    [false, 9_900],
    [true, 9_950], // a breath
    [false, 10_000],
    [false, 20_000],
    [true, 20_100],
    [false, 21_000],
    [null, 30_000], // muted: nobody can tell
    [false, 31_500],
    [false, 41_500],
  ];
  assert.deepEqual(
    seen.map(([sound, now]) => mark.isSilent(sound, now)),
    [false, false, false, false, true, false, false, false, false, true],
  );
});

test("it blurs a background only where the camera can leave it, too", async () => {
  const camera = (backgroundBlur) => ({
    asked: [],
    getCapabilities: () => ({ backgroundBlur }),
    async applyConstraints(wanted) {
      this.asked.push(wanted);
      throw new Error("busy");
    },
  });
  const can = camera([false, true]);
  assert.deepEqual(
    [can, camera([true]), camera([false]), camera(undefined), {}, null].map(canBlur),
    [true, false, false, false, false, false],
  );
  await blur(can, true);
  assert.deepEqual(can.asked, [{ backgroundBlur: true }]);
  const forced = camera([true]);
  await blur(forced, false);
  assert.deepEqual(forced.asked, []);
});

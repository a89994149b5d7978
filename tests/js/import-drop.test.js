import assert from "node:assert/strict";
import { test } from "node:test";

import { mayHaveTracks } from "../../static/dashboard/import-drop.js";
import { sizeOf } from "../../static/dashboard/import-lines.js";
import { reasonFor } from "../../static/dashboard/import-sender.js";
import {
  callsOf,
  fieldsOf,
  isTranscript,
  toldOf,
} from "../../static/dashboard/import-calls.js";
import { usualNames } from "../../static/dashboard/import-voices.js";
import { moment } from "../../static/site/local-dates.js";

test("it writes sizes", () => {
  assert.deepEqual([1, 200_000, 3_500_000, 2 ** 30].map(sizeOf), [
    "1 kB",
    "195 kB",
    "3.3 MB",
    "1024 MB",
  ]);
});

test("it tells a transcript from a recording", () => {
  const names = ["call.VTT", "a.docx", "b.json", "call.mp4", "vtt", "c.wav"];
  assert.deepEqual(
    names.filter((name) => isTranscript({ name })),
    ["call.VTT", "a.docx", "b.json"],
  );
});

test("it says why a file was refused, whoever refused it", () => {
  assert.equal(
    reasonFor(415, { error: { message: "There is no sound in it." } }),
    "There is no sound in it.",
  );
  assert.match(reasonFor(413, null), /larger than this server takes/);
  assert.match(reasonFor(0, null), /connection broke/);
  assert.match(reasonFor(502, null), /502/);
});

test("it asks for sound tracks where a file may have several", () => {
  const files = [
    { name: "call.mp4", type: "video/mp4" },
    { name: "CALL.MKV", type: "" },
    { name: "anna.wav", type: "audio/wav" },
    { name: "notes.mp4.txt", type: "text/plain" },
  ];
  assert.deepEqual(files.map(mayHaveTracks), [true, true, false, false]);
});

test("it names people by their files, or by the sides of one", () => {
  const files = ["anna.ogg", "call.2.wav", ".wav"].map((name) => ({ name }));
  assert.deepEqual(usualNames(files, false), ["anna", "call.2", ".wav"]);
  assert.deepEqual(usualNames(files.slice(1, 2), true), [
    "call.2 (left)",
    "call.2 (right)",
  ]);
});

const named = (...names) => names.map((name) => ({ name }));
const shown = (calls) => calls.map((call) => call.map(({ name }) => name).join(" + "));

test("it takes each recording for a call, with the transcript of its name", () => {
  const { calls, left } = callsOf(
    named("one.mp3", "one-two.wav", "One.en.vtt", "one-two.vtt", "three.vtt", "a.csv"),
  );
  assert.deepEqual(shown(calls), ["one.mp3 + One.en.vtt", "one-two.wav + one-two.vtt"]);
  assert.deepEqual(shown([left]), ["three.vtt"]);
});

test("a transcript lies beside the only recording, whatever its name", () => {
  const { calls, left } = callsOf(named("x.mp3", "chat.txt", "meeting.vtt"));
  assert.deepEqual(shown(calls), ["x.mp3 + meeting.vtt"]);
  assert.deepEqual(shown([left]), ["chat.txt"]);
  assert.deepEqual(callsOf(named("notes.txt")).calls, []);
});

test("what describes a call goes before what the form says of all", () => {
  const form = { title: "T", account: "Acme", language: "", held: "2026-10-05" };
  const described = {
    title: "",
    account: "Globex",
    held_at: "2026-01-01",
    people: [{}],
  };
  assert.deepEqual(fieldsOf(form, described, true), {
    title: "T",
    account: "Globex",
    held_at: "2026-01-01",
    people: "[{}]",
  });
  assert.deepEqual(fieldsOf(form, undefined, true), {
    title: "T",
    account: "Acme",
    held_at: "2026-10-05",
  });
  // Many calls have no title in common, and the date is for those without one.
  assert.deepEqual(fieldsOf(form, undefined, false), {
    account: "Acme",
    held_else: "2026-10-05",
  });
});

test("it says how many are described, and which lines are wrong", () => {
  const answers = [
    { name: "a.csv", calls: { one: {}, nine: {} }, errors: [[3, "No name."]], more: 2 },
  ];
  assert.deepEqual(toldOf(answers, named("ONE.mp3", "two.mp3")), [
    "Described: 1 of 2.",
    "a.csv, line 3: No name.",
    "a.csv: 2 more lines with errors.",
  ]);
});

test("a local time is sent as a moment", () => {
  assert.equal(moment("2026-10-05T14:30"), new Date(2026, 9, 5, 14, 30).toISOString());
  assert.equal(moment(""), "");
});

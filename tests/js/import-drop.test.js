import assert from "node:assert/strict";
import { test } from "node:test";

import {
  mayHaveTracks,
  reasonFor,
  sizeOf,
} from "../../static/dashboard/import-drop.js";

test("it writes sizes", () => {
  assert.deepEqual([1, 200_000, 3_500_000, 2 ** 30].map(sizeOf), [
    "1 kB",
    "195 kB",
    "3.3 MB",
    "1024 MB",
  ]);
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

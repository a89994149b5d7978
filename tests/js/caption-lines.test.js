import assert from "node:assert/strict";
import { test } from "node:test";
import { CaptionLines, textOf } from "../../static/meetings/caption-lines.js";

const caption = (facts) => ({
  seq: 1,
  id: "u1",
  rev: 1,
  participant: 7,
  name: "Anna",
  colour: 0,
  start_ms: 1000,
  end_ms: 2000,
  stable: "We have",
  interim: "fifty",
  final: false,
  seenAt: 0,
  ...facts,
});

test("it replaces a line by its newer state", () => {
  const lines = new CaptionLines();
  lines.apply(caption());
  assert.equal(
    lines.apply(caption({ seq: 2, rev: 2, interim: "fifty people" })),
    "changed",
  );
  assert.deepEqual(lines.all.map(textOf), ["We have fifty people"]);
});

test("it ignores an older state that arrives late", () => {
  const lines = new CaptionLines();
  lines.apply(caption({ seq: 3, rev: 3, interim: "fifty people" }));
  assert.equal(lines.apply(caption({ seq: 4, rev: 2, interim: "15" })), "");
  assert.deepEqual(lines.all.map(textOf), ["We have fifty people"]);
});

test("it never lets a final line become grey again", () => {
  const lines = new CaptionLines();
  lines.apply(caption({ rev: 2, stable: "Yes.", interim: "", final: true }));
  assert.equal(lines.apply(caption({ rev: 3 })), "");
  assert.equal(lines.all[0].final, true);
});

test("it removes a line whose final is empty", () => {
  const lines = new CaptionLines();
  lines.apply(caption());
  assert.equal(
    lines.apply(caption({ rev: 2, stable: "", interim: "", final: true })),
    "removed",
  );
  assert.equal(
    lines.apply(caption({ id: "u2", rev: 2, stable: "", interim: "", final: true })),
    "",
  );
  assert.deepEqual(lines.all, []);
});

test("it orders lines by when they began", () => {
  const lines = new CaptionLines();
  lines.apply(caption({ id: "b", start_ms: 5000 }));
  lines.apply(caption({ id: "a", start_ms: 1000 }));
  assert.deepEqual(
    lines.all.map(({ id }) => id),
    ["a", "b"],
  );
});

test("it keeps the last sequence number, to resume from", () => {
  const lines = new CaptionLines();
  lines.apply(caption({ seq: 9 }));
  lines.apply(caption({ id: "u2", seq: 5 }));
  assert.equal(lines.seq, 9);
});

test("it shows both voices when two talk at once", () => {
  const lines = new CaptionLines();
  lines.apply(caption({ id: "a", participant: 7, start_ms: 1000 }));
  lines.apply(caption({ id: "b", participant: 8, start_ms: 1500 }));
  assert.deepEqual(
    lines.strip(100).map(({ id }) => id),
    ["a", "b"],
  );
});

test("it shows the newest line of one voice, and lets finished ones go", () => {
  const lines = new CaptionLines();
  lines.apply(caption({ id: "a", final: true, stable: "Hello.", interim: "" }));
  lines.apply(caption({ id: "b", start_ms: 3000 }));
  assert.deepEqual(
    lines.strip(100).map(({ id }) => id),
    ["b"],
  );
  lines.apply(
    caption({
      id: "b",
      rev: 2,
      start_ms: 3000,
      stable: "Bye.",
      interim: "",
      final: true,
    }),
  );
  assert.deepEqual(lines.strip(7000), []);
});

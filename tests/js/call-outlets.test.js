// What the host reads of who plays the call.
import assert from "node:assert/strict";
import test from "node:test";

globalThis.HTMLElement ??= class {};
globalThis.customElements ??= { define() {} };
const { playingLine } = await import("../../static/meetings/call-outlets.js");

test("it_counts_who_plays_by_an_address", () => {
  const lines = [0, 1, 3].map((playing) => playingLine({ kind: "whep", playing }));
  assert.deepEqual(lines, ["Nobody plays it now", "1 plays it now", "3 play it now"]);
});

test("it_says_nothing_of_who_cannot_be_counted", () => {
  assert.equal(playingLine({ kind: "hls", playing: 0 }), "");
});

import assert from "node:assert/strict";
import { test } from "node:test";

globalThis.HTMLElement ??= class {};
const { nextTab } = await import("../../static/site/tabs.js");

test("arrows go round, Home and End to the edges", () => {
  assert.equal(nextTab("ArrowRight", 1, 2), 0);
  assert.equal(nextTab("ArrowLeft", 0, 3), 2);
  assert.equal(nextTab("Home", 2, 3), 0);
  assert.equal(nextTab("End", 0, 3), 2);
});

test("other keys, and keys pressed elsewhere, lead nowhere", () => {
  assert.equal(nextTab("a", 0, 2), null);
  assert.equal(nextTab("ArrowRight", -1, 2), null);
});

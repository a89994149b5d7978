import assert from "node:assert/strict";
import { test } from "node:test";
import { between, told } from "../../static/dashboard/choosing.js";

test("a stretch of lines is chosen in either direction", () => {
  const order = ["7", "3", "9", "4"];
  assert.deepEqual(between(order, "3", "4"), ["3", "9", "4"]);
  assert.deepEqual(between(order, "4", "3"), ["3", "9", "4"]);
  assert.deepEqual(between(order, "9", "9"), ["9"]);
});

test("a stretch from a line that is gone is the other one", () => {
  assert.deepEqual(between(["7", "3"], "8", "3"), ["3"]);
});

test("it says how many lines are chosen", () => {
  assert.equal(told(1), "1 line");
  assert.equal(told(2), "2 lines");
});

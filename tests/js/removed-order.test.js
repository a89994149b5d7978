import assert from "node:assert/strict";
import { test } from "node:test";
import { rowAt } from "../../static/dashboard/removed-order.js";

test("it puts an entry before the first row that starts later", () => {
  assert.equal(rowAt([0, 1000, 3000], 2000), 2);
  assert.equal(rowAt([500], 0), 0);
});

test("it puts an entry behind a line of the same start", () => {
  assert.equal(rowAt([0, 1000, 3000], 1000), 2);
});

test("it puts an entry last, and into an empty list", () => {
  assert.equal(rowAt([0, 1000], 5000), 2);
  assert.equal(rowAt([], 5000), 0);
});

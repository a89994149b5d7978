import assert from "node:assert/strict";
import { test } from "node:test";
import { gathered, isNear, nearest } from "../../static/dashboard/mark-places.js";

const marks = [
  ["removed", 1000, "a", "#t=1.0"],
  ["removed", 1010, "b", "#t=1.0"],
  ["removed", 9000, "c", "#t=9.0"],
];

test("marks that fall into one place are one", () => {
  const places = gathered(marks, 10_000);
  assert.deepEqual(
    places.map(({ left, labels }) => [left, labels]),
    [
      [10, ["a", "b"]],
      [90, ["c"]],
    ],
  );
});

test("a mark beyond the end, or of a call without a length, stays inside", () => {
  assert.equal(gathered([["found", 20_000, "x", ""]], 10_000)[0].left, 100);
  assert.equal(gathered([["found", 20, "x", ""]], 0)[0].left, 100);
});

test("it leads to the next mark and to the one before", () => {
  assert.equal(nearest(marks, 1010, 1), 9000);
  assert.equal(nearest(marks, 9000, 1), null);
  assert.equal(nearest(marks, 9500, -1), 1010);
  assert.equal(nearest(marks, 500, -1), null);
});

test("a bookmark is the one of this moment within a second", () => {
  assert.equal(isNear([5000], 4000), true);
  assert.equal(isNear([5000], 6001), false);
  assert.equal(isNear([], 0), false);
});

import assert from "node:assert/strict";
import { test } from "node:test";
import { leap, together } from "../../static/dashboard/skipping.js";

test("people's spans become one list, near ones joined", () => {
  const anna = [
    [0, 1000],
    [5000, 6000],
  ];
  const ben = [
    [900, 2000],
    [2300, 3000],
  ];
  assert.deepEqual(together([anna, ben]), [
    [0, 3000],
    [5000, 6000],
  ]);
  assert.deepEqual(together([]), []);
});

test("it stays where somebody speaks, and shortly after", () => {
  const spans = [
    [1000, 2000],
    [9000, 9500],
  ];
  assert.equal(leap(spans, 1500), null);
  assert.equal(leap(spans, 2100), null);
});

test("it leaps over silence to shortly before the next word", () => {
  const spans = [
    [1000, 2000],
    [9000, 9500],
  ];
  assert.equal(leap(spans, 2300), 8800);
  assert.equal(leap(spans, 8500), null); // not worth it
});

test("it ends when nobody speaks any more", () => {
  assert.equal(leap([[1000, 2000]], 2300), Infinity);
  assert.equal(leap([], 0), Infinity);
});

import assert from "node:assert/strict";
import { test } from "node:test";

import {
  hashAt,
  indexAt,
  isHeard,
  secondsIn,
  shownAt,
} from "../../static/dashboard/clock.js";
import { clockText } from "../../static/site/clock.js";

test("it finds the word that is being spoken", () => {
  const starts = [100, 200, 200, 500];
  const found = [0, 99, 100, 199, 200, 499, 500, 9e9].map((ms) => indexAt(starts, ms));
  assert.deepEqual(found, [-1, -1, 0, 0, 2, 2, 3, 3]);
  assert.equal(indexAt([], 5), -1);
});

test("it agrees with a reader who goes through all words", () => {
  const starts = Array.from({ length: 500 }, (_, n) => n * 37 - (n % 7)).sort(
    (a, b) => a - b,
  );
  for (let ms = -10; ms < 19_000; ms += 13) {
    assert.equal(indexAt(starts, ms), starts.filter((start) => start <= ms).length - 1);
  }
});

test("it writes times of the call", () => {
  const written = [0, 7999, 60_000, 727_000, 3_727_000, -5].map(clockText);
  assert.deepEqual(written, ["0:00", "0:07", "1:00", "12:07", "1:02:07", "0:00"]);
});

test("it reads and writes the second in the address", () => {
  assert.equal(secondsIn("#t=83.2"), 83.2);
  assert.equal(secondsIn("#t=7"), 7);
  for (const hash of ["", "#", "#t=", "#t=-1", "#t=1e3", "#t=1:20", "#other"]) {
    assert.equal(secondsIn(hash), null);
  }
  assert.equal(hashAt(83.2412), "#t=83.2");
  assert.equal(hashAt(-1), "#t=0.0");
});

test("it hears everybody, or only the soloed, and never the muted", () => {
  const heard = (solo, muted) =>
    ["a", "b", "c"].filter((id) => isHeard(id, new Set(solo), new Set(muted)));
  assert.deepEqual(heard([], []), ["a", "b", "c"]);
  assert.deepEqual(heard(["b"], []), ["b"]);
  assert.deepEqual(heard([], ["b"]), ["a", "c"]);
  assert.deepEqual(heard(["a", "b"], ["b"]), ["a"]);
});

test("it shows the screen that was shared, else the cameras", () => {
  const picture = (source, start, end) => ({ source, start, end });
  const anna = picture("camera", 0, 900);
  const ben = picture("camera", 400, 900);
  const slides = picture("screen", 500, 600);
  const demo = picture("screen", 590, 700);
  const all = [anna, ben, slides, demo];
  assert.deepEqual(shownAt(all, 100), [anna]);
  assert.deepEqual(shownAt(all, 400), [anna, ben]);
  assert.deepEqual(shownAt(all, 500), [slides]);
  assert.deepEqual(shownAt(all, 595), [demo]);
  assert.deepEqual(shownAt(all, 700), [anna, ben]);
  assert.deepEqual(shownAt(all, 900), []);
});

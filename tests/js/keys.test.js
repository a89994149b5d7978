import assert from "node:assert/strict";
import { test } from "node:test";

import { isForThePage } from "../../static/dashboard/keys.js";

// An event on an element that matches one of the given simple selectors.
const press = (key, on = "", more = {}) => ({
  key,
  target: {
    closest: (selectors) => (on && selectors.split(", ").includes(on) ? {} : null),
  },
  ...more,
});

test("it takes keys from the page", () => {
  for (const key of [" ", "k", "j", "l", "ArrowLeft"])
    assert.equal(isForThePage(press(key)), true);
});

test("it leaves keys to fields and to the browser", () => {
  assert.equal(isForThePage(press("k", "textarea")), false);
  assert.equal(isForThePage(press("l", "", { ctrlKey: true })), false);
  assert.equal(isForThePage(press("ArrowLeft", "", { altKey: true })), false);
});

test("it leaves space to buttons and arrows to sliders, and no more", () => {
  assert.equal(isForThePage(press(" ", "button")), false);
  assert.equal(isForThePage(press("k", "button")), true);
  assert.equal(isForThePage(press("ArrowLeft", "[type=range]")), false);
});

test("a dialog keeps keys only while it is open", () => {
  assert.equal(isForThePage(press("t", "dialog[open]")), false);
  assert.equal(isForThePage(press("t", "dialog")), true);
});

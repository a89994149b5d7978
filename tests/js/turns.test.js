import assert from "node:assert/strict";
import { test } from "node:test";

import { asText, goesOn } from "../../static/dashboard/turns.js";

test("it names a person once for lines that follow each other", () => {
  const anna = { person: "1", column: undefined };
  assert.equal(goesOn(null, anna), false);
  assert.equal(goesOn(anna, { ...anna }), true);
  assert.equal(goesOn(anna, { ...anna, person: "2" }), false);
  assert.equal(goesOn(anna, { ...anna, column: "column-1" }), false);
});

test("it pastes as a name, a time and what was said", () => {
  const line = (person, name, at, text) => ({ person, name, at, text });
  const text = asText([
    line("1", "Anna", "12:05", "What does it"),
    line("1", "Anna", "12:06", "look like?"),
    line("2", "Ben", "12:07", "Nobody updates it."),
  ]);
  assert.equal(
    text,
    "Anna 12:05 What does it look like?\nBen 12:07 Nobody updates it.",
  );
});

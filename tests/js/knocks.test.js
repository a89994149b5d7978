import assert from "node:assert/strict";
import { test } from "node:test";
import { whoWaits } from "../../static/meetings/knocks.js";

test("it says who waits in one line, however many they are", () => {
  assert.equal(whoWaits(["Ben"]), "Ben waits to be let in.");
  assert.equal(whoWaits(["Ben", "Ida"]), "Ben and Ida wait to be let in.");
  assert.equal(whoWaits(["Ben", "Ida", "Jon"]), "Ben and 2 others wait to be let in.");
});

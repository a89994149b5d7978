import assert from "node:assert/strict";
import { test } from "node:test";

import { groupOf, headings } from "../../static/dashboard/list-days.js";
import { shortTime } from "../../static/site/times.js";

const NOW = new Date(2026, 10, 26, 15, 0); // a Thursday
const at = (month, day, hour = 9) => new Date(2026, month - 1, day, hour, 5);

test("it puts calls under days, weeks and months", () => {
  const groups = [
    [at(11, 26, 0), "Today"],
    [at(11, 25, 23), "Yesterday"],
    [at(11, 23), "This week"],
    [at(11, 22), "Last week"],
    [at(11, 16), "Last week"],
    [at(11, 15), "November"],
    [at(10, 1), "October"],
    [new Date(2025, 10, 26), "November 2025"],
    [at(11, 27), "Later"],
  ];
  for (const [moment, group] of groups) assert.equal(groupOf(moment, NOW), group);
});

test("it puts a heading where a group begins", () => {
  const moments = [null, null, at(11, 26), at(11, 26, 1), at(11, 25)];
  assert.deepEqual(headings(moments, NOW), ["Now", null, "Today", null, "Yesterday"]);
});

test("it tells in a row what the heading leaves open", () => {
  assert.equal(shortTime(at(11, 25, 14), NOW), "14:05");
  assert.equal(shortTime(at(11, 23, 14), NOW), "Mon 14:05");
  assert.equal(shortTime(at(10, 1, 14), NOW), "1 Oct, 14:05");
});

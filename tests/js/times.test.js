import assert from "node:assert/strict";
import { test } from "node:test";

import { localTime } from "../../static/site/times.js";

const NOW = new Date(2026, 10, 21, 9, 0);

test("it says today and yesterday by the reader's midnight", () => {
  assert.equal(localTime(new Date(2026, 10, 21, 0, 1), NOW), "Today, 00:01");
  assert.equal(localTime(new Date(2026, 10, 20, 23, 59), NOW), "Yesterday, 23:59");
});

test("it names the day, and the year when it is another", () => {
  assert.equal(localTime(new Date(2026, 9, 12, 14, 30), NOW), "Mon 12 Oct, 14:30");
  assert.equal(
    localTime(new Date(2025, 10, 20, 14, 30), NOW),
    "Thu 20 Nov 2025, 14:30",
  );
});

import assert from "node:assert/strict";
import { test } from "node:test";

import { remember, shown, textOf } from "../../static/dashboard/work.js";

const job = (id, kind, state, more = {}) => ({
  id,
  kind,
  label: kind,
  state,
  percent: 64,
  error: "",
  waits: "",
  ...more,
});

test("it says what a job does", () => {
  assert.equal(textOf(job(1, "Second pass", "running")), "Second pass 64 %");
  assert.equal(textOf(job(1, "Mix", "queued")), "Mix waits its turn");
  assert.equal(
    textOf(job(1, "Mix", "queued", { waits: "There is no model" })),
    "Mix waits. There is no model",
  );
  assert.equal(
    textOf(job(1, "Mix", "failed", { error: "The disk is full" })),
    "Mix failed: The disk is full",
  );
  assert.equal(textOf(job(1, "Mix", "done")), "");
});

test("it shows what failed, and one job that runs or waits", () => {
  const jobs = new Map();
  for (const one of [
    job(1, "a", "queued"),
    job(2, "b", "running"),
    job(3, "c", "failed"),
    job(4, "d", "done"),
  ]) {
    remember(jobs, one);
  }
  assert.deepEqual(
    shown(jobs).map(({ kind }) => kind),
    ["c", "b"],
  );
});

test("it forgets an old failure when a newer job of the kind comes, not the other way", () => {
  const jobs = remember(new Map(), job(1, "a", "failed"));
  remember(jobs, job(2, "a", "running"));
  remember(jobs, job(1, "a", "failed"));
  assert.deepEqual(
    shown(jobs).map(({ id }) => id),
    [2],
  );
});

import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { isLastHost } from "../../static/meetings/door.js";

const ME = 1;
const people = [{ id: ME }, { id: 2 }];
let answer;

beforeEach(() => {
  globalThis.fetch = async () => answer();
});

const hosts = (...ids) => ({ ok: true, json: async () => ({ hosts: ids }) });

test("it is the last host where no other host is in the call", async () => {
  answer = () => hosts(ME, 3);
  assert.equal(await isLastHost("/door/", people, ME), true);
  assert.equal(await isLastHost("/door/", [], ME), true);
});

test("it is not the last host beside another", async () => {
  answer = () => hosts(ME, 2);
  assert.equal(await isLastHost("/door/", people, ME), false);
});

test("it asks rather than not where the server does not say", async () => {
  answer = () => ({ ok: false, status: 502 });
  assert.equal(await isLastHost("/door/", people, ME), true);
  answer = () => Promise.reject(new Error("offline"));
  assert.equal(await isLastHost("/door/", people, ME), true);
});

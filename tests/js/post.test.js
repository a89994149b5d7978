import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";

import { get, getHtml, post, request, sentenceOf } from "../../static/site/post.js";

let asked;
let answer;

beforeEach(() => {
  globalThis.document = {
    body: { getAttribute: () => '{"X-CSRFToken": "a token"}' },
  };
  answer = async () => new Response('{"name": "Ben"}');
  globalThis.fetch = (url, options) => {
    asked = { url, ...options };
    return answer(options);
  };
});

test("it posts fields with the token of the page", async () => {
  assert.deepEqual(await post("/title/", { title: "A & B" }), { name: "Ben" });
  assert.equal(asked.method, "POST");
  assert.equal(String(asked.body), "title=A+%26+B");
  assert.deepEqual(asked.headers, { "X-CSRFToken": "a token" });
});

test("it tells the token to nobody who is only asked", async () => {
  await get("/door/");
  assert.deepEqual(asked.headers, {});
});

test("it asks for a part of a page when it wants one", async () => {
  await request("/settings/", { partial: true });
  assert.deepEqual(asked.headers, { "HX-Request": "true" });
});

test("it gives up on a server that does not answer", async () => {
  answer = ({ signal }) =>
    new Promise((_, reject) =>
      signal.addEventListener("abort", () => reject(signal.reason)),
    );
  const alive = setInterval(() => {}, 1000); // the time-out alone keeps no node running
  await assert.rejects(get("/door/", 5), { name: "TimeoutError" });
  clearInterval(alive);
});

test("it says what the server answered when it refused", async () => {
  answer = async () => new Response("", { status: 502 });
  await assert.rejects(post("/door/"), /the server answered 502/);
  assert.equal(await getHtml("/lines/"), null);
  assert.equal((await request("/lines/")).status, 502);
});

test("it tells a refusal from a server that was not reached", async () => {
  const told = async (body, status) => {
    answer = async () => new Response(body, { status });
    return post("/door/").catch((error) => sentenceOf(error, "Lost."));
  };
  assert.equal(await told('{"error": "A host stays."}', 409), "A host stays.");
  assert.equal(await told('{"error": {"message": "Full."}}', 507), "Full.");
  assert.match(await told("<h1>Bad gateway</h1>", 502), /could not do that/);
  answer = async () => Promise.reject(new TypeError("no network"));
  assert.equal(await post("/").catch((error) => sentenceOf(error, "Lost.")), "Lost.");
});

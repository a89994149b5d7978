import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { FakeSocket, begin, newest, pass, saidBy } from "./fake-socket.js";

const { Backoff, CLOSED, Socket, waitBefore } =
  await import("../../static/site/socket.js");

const FINAL = { [CLOSED.OVER]: "over", [CLOSED.REVOKED]: "revoked" };

beforeEach(begin);

function opened(options = {}) {
  const socket = new Socket(() => "ws://x/", { final: FINAL, pings: true, ...options });
  const said = saidBy(socket);
  socket.open();
  newest().onopen();
  return said;
}

test("it waits longer after each try, up to ten seconds", () => {
  assert.deepEqual(
    [0, 1, 2, 3, 4, 5, 50].map(waitBefore),
    [500, 1000, 2000, 4000, 8000, 10000, 10000],
  );
});

test("it tries every second at first when it was cut off", () => {
  const backoff = new Backoff(() => 0.5);
  const waits = [0, 10_000, 29_999].map((now) => backoff.next(1006, now));
  assert.deepEqual(waits, [1000, 1000, 1000]);
  assert.deepEqual(
    [30_000, 30_500, 31_500].map((now) => backoff.next(1006, now)),
    [500, 1000, 2000],
  );
  backoff.heard();
  assert.equal(backoff.next(1006, 90_000), 1000);
});

test("it does not come back at the same instant as everybody else", () => {
  const [first, last] = [0, 0.999].map((random) =>
    new Backoff(() => random).next(0, 0),
  );
  assert.ok(first >= 500 && last < 1500 && last - first > 900, `${first} ${last}`);
});

test("it gives a server that sent it away more and more time", () => {
  const backoff = new Backoff();
  assert.deepEqual(
    [1, 2, 3].map((now) => backoff.next(4503, now)),
    [500, 1000, 2000],
  );
});

test("it opens a socket that was cut off again, every second", async () => {
  const said = opened();
  for (let made = 1; made < 20; made++) {
    newest().onclose({ code: 1006 });
    await pass(999);
    assert.equal(FakeSocket.made.length, made);
    await pass(1);
    assert.equal(FakeSocket.made.length, made + 1);
  }
  assert.deepEqual(said, ["open", ...Array(19).fill("lost")]);
});

test("it waits longer each time when the server sent it away", async () => {
  opened();
  FakeSocket.made[0].onclose({ code: 4503 });
  await pass(500);
  assert.equal(FakeSocket.made.length, 2);
  FakeSocket.made[1].onclose({ code: 4503 });
  await pass(999);
  assert.equal(FakeSocket.made.length, 2);
  await pass(1);
  assert.equal(FakeSocket.made.length, 3);
});

test("it opens one socket when the network comes back while it asks", async () => {
  let answer;
  opened({ mayOpen: () => new Promise((resolve) => (answer = resolve)) });
  FakeSocket.made[0].onclose({ code: 1006 });
  await pass(1000);
  FakeSocket.made[1].onclose({ code: 1006 });
  await pass(1000);
  window.dispatchEvent(new Event("online"));
  assert.equal(FakeSocket.made.length, 3);
  answer(true);
  await pass(0);
  assert.equal(FakeSocket.made.length, 3);
});

test("it does not come back after the end", async () => {
  const said = opened();
  FakeSocket.made[0].onclose({ code: 4410 });
  await pass(60_000);
  assert.equal(FakeSocket.made.length, 1);
  assert.deepEqual(said, ["open", "final over"]);
});

test("it stops trying when the right to the room is gone", async () => {
  const said = opened({ mayOpen: async () => false });
  FakeSocket.made[0].onclose({ code: 1006 });
  await pass(1000);
  FakeSocket.made[1].onclose({ code: 1006 });
  await pass(1000);
  assert.equal(said.at(-1), "final revoked");
});

test("it gives up on a socket that no longer answers", async () => {
  const said = opened();
  await pass(1000);
  assert.deepEqual(FakeSocket.made[0].sent, [{ type: "ping", n: 1 }]);
  for (let n = 0; n < 8; n++) await pass(1000);
  assert.equal(said.at(-1), "lost");
});

test("it keeps a socket that answers", async () => {
  const said = opened();
  for (let n = 0; n < 10; n++) {
    await pass(3000);
    FakeSocket.made[0].onmessage({ data: '{"type": "pong"}' });
  }
  assert.deepEqual(said, ["open"]);
});

test("it tells when it asked and when it was answered", async () => {
  const socket = new Socket(() => "ws://x/", { pings: true });
  const told = [];
  socket.addEventListener("pong", ({ detail }) => told.push(detail));
  socket.open();
  newest().onopen();
  await pass(1000);
  await pass(1000);
  await pass(500);
  newest().onmessage({ data: '{"type": "pong", "clock_ms": 61000, "n": 1}' });
  const [{ clock_ms: clock, sent, received }] = told;
  assert.deepEqual([clock, sent, received], [61_000, 1000, 2500]);
});

test("it tells when it heard of the server last", async () => {
  const socket = new Socket(() => "ws://x/", { pings: true });
  socket.open();
  await pass(1500);
  assert.equal(socket.heardAt, 0);
  newest().onmessage({ data: '{"type": "people"}' });
  assert.equal(socket.heardAt, 1500);
});

test("it asks for its address anew before each try", async () => {
  let seq = 0;
  const socket = new Socket(() => `ws://x/?since=${seq}`);
  socket.open();
  seq = 7;
  newest().onclose({ code: 1006 });
  await pass(1000);
  assert.deepEqual(
    FakeSocket.made.map(({ url }) => url),
    ["ws://x/?since=0", "ws://x/?since=7"],
  );
});

test("it says nothing and opens nothing once it was closed", async () => {
  const socket = new Socket(() => "ws://x/");
  const said = saidBy(socket);
  socket.open();
  const [first] = FakeSocket.made;
  socket.close();
  first.onmessage({ data: '{"type": "hello"}' });
  first.onclose({ code: 1006 });
  window.dispatchEvent(new Event("online"));
  await pass(60_000);
  assert.deepEqual([said, FakeSocket.made.length], [[], 1]);
});

import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { FakeSocket, begin, newest, pass, saidBy } from "./fake-socket.js";

const { Signalling } = await import("../../static/meetings/signalling.js");

beforeEach(begin);

function opened({ ask = false, mayEnter = async () => true } = {}) {
  const signalling = new Signalling("ws://x/", mayEnter, { ask });
  const said = saidBy(signalling);
  signalling.open();
  newest().onopen();
  return said;
}

test("it goes when the room says that it is over or not for us", () => {
  const words = [1000, 4403, 4408, 4409, 4410].map((code) => {
    const said = opened();
    newest().onclose({ code });
    return said.at(-1);
  });
  assert.deepEqual(
    words,
    ["left", "revoked", "taken", "replaced", "over"].map((word) => `final ${word}`),
  );
});

test("it comes back every second after a restart, however the socket closed", async () => {
  const said = opened();
  FakeSocket.made[0].onmessage({ data: '{"type": "restarting"}' });
  FakeSocket.made[0].onmessage({ data: '{"type": "pong"}' });
  FakeSocket.made[0].onclose({ code: 1000 });
  for (let tries = 0; tries < 5; tries++) {
    await pass(1000);
    newest().onclose({ code: 1005 });
  }
  assert.equal(FakeSocket.made.length, 6);
  assert.ok(!said.includes("final left"));
});

const asked = () => FakeSocket.made.map(({ url }) => url.endsWith("?ask=1"));

test("it leaves a seat to another page, after a look whether that page was left", async () => {
  const said = opened({ ask: true });
  FakeSocket.made[0].onclose({ code: 4408 });
  await pass(1000);
  FakeSocket.made[1].onclose({ code: 4408 });
  await pass(60_000);
  assert.deepEqual(asked(), [true, true]);
  assert.deepEqual(said, ["open", "final taken"]);
});

test("it keeps a seat that it has through a lost connection, without asking", async () => {
  opened({ ask: true });
  FakeSocket.made[0].onmessage({ data: '{"type": "hello"}' });
  FakeSocket.made[0].onclose({ code: 1006 });
  await pass(1000);
  assert.deepEqual(asked(), [true, false]);
});

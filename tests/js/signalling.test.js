import assert from "node:assert/strict";
import { beforeEach, mock, test } from "node:test";

class FakeSocket {
  static OPEN = 1;
  static made = [];
  readyState = 1;
  sent = [];
  constructor(url) {
    this.url = url;
    FakeSocket.made.push(this);
  }
  send(text) {
    this.sent.push(JSON.parse(text));
  }
  close() {}
}
globalThis.WebSocket = FakeSocket;
globalThis.window = new EventTarget();
globalThis.CustomEvent ??= class extends Event {
  constructor(type, { detail }) {
    super(type);
    this.detail = detail;
  }
};
const { Signalling } = await import("../../static/meetings/signalling.js");

let now = 0;
let allowed = true;

function opened(mayEnter = async () => allowed, ask = false) {
  const signalling = new Signalling("ws://x/", mayEnter, { ask });
  const said = [];
  for (const type of ["open", "lost", "final", "message"]) {
    signalling.addEventListener(type, ({ detail }) =>
      said.push(detail ? `${type} ${detail.type ?? detail}` : type),
    );
  }
  signalling.open();
  FakeSocket.made[0].onopen();
  return { signalling, said };
}

async function pass(ms) {
  now += ms;
  mock.timers.tick(ms);
  await Promise.resolve();
  await Promise.resolve();
}

beforeEach(() => {
  FakeSocket.made.length = 0;
  globalThis.window = new EventTarget();
  [now, allowed] = [0, true];
  mock.timers.reset();
  mock.timers.enable({ apis: ["setTimeout", "setInterval"] });
  mock.method(performance, "now", () => now);
  mock.method(Math, "random", () => 0.5);
});

test("it opens a socket that was cut off again, every second", async () => {
  const { said } = opened();
  for (let made = 1; made < 20; made++) {
    FakeSocket.made.at(-1).onclose({ code: 1006 });
    await pass(999);
    assert.equal(FakeSocket.made.length, made);
    await pass(1);
    assert.equal(FakeSocket.made.length, made + 1);
  }
  assert.deepEqual(said, ["open", ...Array(19).fill("lost")]);
});

test("it comes back every second after a restart, however the socket closed", async () => {
  const { said } = opened();
  FakeSocket.made[0].onmessage({ data: '{"type": "restarting"}' });
  FakeSocket.made[0].onmessage({ data: '{"type": "pong"}' });
  FakeSocket.made[0].onclose({ code: 1000 });
  for (let tries = 0; tries < 5; tries++) {
    await pass(1000);
    FakeSocket.made.at(-1).onclose({ code: 1005 });
  }
  assert.equal(FakeSocket.made.length, 6);
  assert.ok(!said.includes("final left"));
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
  opened(() => new Promise((resolve) => (answer = resolve)));
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
  const { said } = opened();
  FakeSocket.made[0].onclose({ code: 4410 });
  await pass(60_000);
  assert.equal(FakeSocket.made.length, 1);
  assert.deepEqual(said, ["open", "final over"]);
});

test("it stops trying when the right to the room is gone", async () => {
  const { said } = opened();
  allowed = false;
  FakeSocket.made[0].onclose({ code: 1006 });
  await pass(1000);
  FakeSocket.made[1].onclose({ code: 1006 });
  await pass(1000);
  assert.equal(said.at(-1), "final revoked");
});

test("it gives up on a socket that no longer answers", async () => {
  const { said } = opened();
  await pass(3000);
  assert.deepEqual(FakeSocket.made[0].sent, [{ type: "ping" }]);
  await pass(3000);
  await pass(3000);
  assert.equal(said.at(-1), "lost");
});

test("it keeps a socket that answers", async () => {
  const { said } = opened();
  for (let n = 0; n < 10; n++) {
    await pass(3000);
    FakeSocket.made[0].onmessage({ data: '{"type": "pong"}' });
  }
  assert.deepEqual(said, ["open"]);
});

const asked = () => FakeSocket.made.map(({ url }) => url.endsWith("?ask=1"));

test("it leaves a seat to another page, after a look whether that page was left", async () => {
  const { said } = opened(undefined, true);
  FakeSocket.made[0].onclose({ code: 4408 });
  await pass(1000);
  FakeSocket.made[1].onclose({ code: 4408 });
  await pass(60_000);
  assert.deepEqual(asked(), [true, true]);
  assert.deepEqual(said, ["open", "final taken"]);
});

test("it keeps a seat that it has through a lost connection, without asking", async () => {
  opened(undefined, true);
  FakeSocket.made[0].onmessage({ data: '{"type": "hello"}' });
  FakeSocket.made[0].onclose({ code: 1006 });
  await pass(1000);
  assert.deepEqual(asked(), [true, false]);
});

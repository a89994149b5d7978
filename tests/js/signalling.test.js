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

function opened() {
  const signalling = new Signalling("ws://x/", async () => allowed);
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
  [now, allowed] = [0, true];
  mock.timers.reset();
  mock.timers.enable({ apis: ["setTimeout", "setInterval"] });
  mock.method(performance, "now", () => now);
});

test("it opens a lost socket again, later each time", async () => {
  const { said } = opened();
  FakeSocket.made[0].onclose({ code: 1006 });
  await pass(500);
  assert.equal(FakeSocket.made.length, 2);
  FakeSocket.made[1].onclose({ code: 1006 });
  await pass(999);
  assert.equal(FakeSocket.made.length, 2);
  await pass(1);
  assert.equal(FakeSocket.made.length, 3);
  assert.deepEqual(said, ["open", "lost", "lost"]);
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
  await pass(500);
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

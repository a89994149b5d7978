// A browser's WebSocket and clock in node, for modules that are imported after this one.
import { mock } from "node:test";

export class FakeSocket {
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
globalThis.CustomEvent ??= class extends Event {
  constructor(type, { detail }) {
    super(type);
    this.detail = detail;
  }
};

let now = 0;

export function begin() {
  FakeSocket.made.length = 0;
  globalThis.window = new EventTarget();
  now = 0;
  mock.timers.reset();
  mock.timers.enable({ apis: ["setTimeout", "setInterval"] });
  mock.method(performance, "now", () => now);
  mock.method(Math, "random", () => 0.5);
}

export async function pass(ms) {
  now += ms;
  mock.timers.tick(ms);
  await Promise.resolve();
  await Promise.resolve();
}

export const newest = () => FakeSocket.made.at(-1);

// What `socket` says from now on: "open", "message TYPE", "lost", "final WORD"
export function saidBy(socket) {
  const said = [];
  for (const type of ["open", "lost", "final", "message"]) {
    socket.addEventListener(type, ({ detail }) =>
      said.push(detail ? `${type} ${detail.type ?? detail}` : type),
    );
  }
  return said;
}

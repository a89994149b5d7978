// A websocket to our own server that comes back by itself.

// The close codes of meetings/sockets.py; 1000: the server is done with us.
export const CLOSED = {
  LEFT: 1000,
  REVOKED: 4403,
  NO_RIGHT: 4404,
  TAKEN: 4408,
  REPLACED: 4409,
  OVER: 4410,
  TOO_LARGE: 4413,
  TOO_MANY: 4429,
  TRY_AGAIN: 4503,
  FULL: 4529,
};
// The connection was cut without a word, or the server said that it goes.
const CUT = new Set([0, 1001, 1006, 1012]);

// How long to wait before the next try, in milliseconds.
const WAITS = [500, 1000, 2000, 4000, 8000, 10000];
const QUICK = 30_000; // a server that starts again, a network that changes, takes less
const SECOND = 1000;

const PING = 1000; // a dead network closes no socket: silence on it does
const SILENCE = 7000;

export function waitBefore(attempt) {
  return WAITS[Math.min(attempt, WAITS.length - 1)];
}

// "/ws/..." as the address of a socket of this site
export function addressOf(path) {
  return `${location.origin.replace(/^http/, "ws")}${path}`;
}

// The waits of one websocket. Who was cut off tries every second at first, spread, so
// that a whole company does not come back at the same instant.
export class Backoff {
  #attempt = 0;
  #since = null; // when the trouble began
  #random;

  constructor(random = Math.random) {
    this.#random = random;
  }

  heard() {
    this.#attempt = 0;
    this.#since = null;
  }

  // `code`: how the socket closed, 0 when it was given up; `now`: performance.now()
  next(code, now) {
    this.#since ??= now;
    if (CUT.has(code) && now - this.#since < QUICK)
      return SECOND * (0.5 + this.#random());
    return waitBefore(this.#attempt++);
  }
}

// Events: "open", "message" (detail: the message), "pong" (detail: the answer, with `sent`
// and `received` by performance.now()), "lost" (code: how it closed), "final" (detail: a
// word of `final`): there is nothing to come back to.
export class Socket extends EventTarget {
  #address;
  #final;
  #mayOpen;
  #socket = null;
  #backoff = new Backoff();
  #failures = 0; // since the server was last heard
  #heardAt = 0;
  #pings = new Map(); // number -> performance.now() when it was sent
  #pinged = 0; // how many
  #timer = 0;
  #stopped = false;
  #closing = new AbortController();

  // `address`: called before each try. `final`: close code -> word for what ended it.
  // `mayOpen`: resolves to whether this browser still has the right, because a refused
  // handshake does not tell a browser why. `pings`: the server answers them.
  constructor(address, { final = {}, mayOpen = null, pings = false } = {}) {
    super();
    [this.#address, this.#final, this.#mayOpen] = [address, final, mayOpen];
    const { signal } = this.#closing;
    window.addEventListener("online", () => this.#hurry(), { signal });
    if (!pings) return;
    const timer = setInterval(() => this.#ping(), PING);
    signal.addEventListener("abort", () => clearInterval(timer));
  }

  open() {
    const socket = new WebSocket(this.#address());
    this.#socket = socket;
    this.#pings.clear();
    this.#heardAt = performance.now();
    const current = (does) => (event) => socket === this.#socket && does(event);
    socket.onopen = current(() => this.dispatchEvent(new Event("open")));
    socket.onmessage = current(({ data }) => this.#hear(JSON.parse(data)));
    socket.onclose = current(({ code }) => this.#closed(code));
  }

  get isOpen() {
    return this.#socket?.readyState === WebSocket.OPEN;
  }

  // performance.now() when something came from the server last, or it was opened
  get heardAt() {
    return this.#heardAt;
  }

  send(message) {
    if (this.isOpen) this.#socket.send(JSON.stringify(message));
  }

  // For good, and without an event.
  close() {
    this.#stop();
    const socket = this.#socket;
    this.#socket = null;
    socket?.close();
  }

  // What a close code means here: `final`, a word, ends it; `wait`, ms, opens it again
  // without a word; `cut`: it is taken for a connection that was cut.
  judge(code) {
    return { final: this.#final[code], cut: false };
  }

  #hear(message) {
    this.#heardAt = performance.now();
    this.#failures = 0;
    this.#backoff.heard();
    const isPong = message.type === "pong";
    if (isPong) this.#match(message);
    const type = isPong ? "pong" : "message";
    this.dispatchEvent(new CustomEvent(type, { detail: message }));
  }

  // Which ping it answers: on a slow line there are several on their way.
  #match(pong) {
    Object.assign(pong, { sent: this.#pings.get(pong.n), received: this.#heardAt });
    for (const n of this.#pings.keys()) if (n <= pong.n) this.#pings.delete(n);
  }

  #closed(code) {
    this.#socket = null;
    const { final, wait, cut } = this.judge(code);
    if (final) this.#finish(final);
    else if (wait) this.#timer = setTimeout(() => this.open(), wait);
    else this.#lose(code, cut);
  }

  #lose(code, cut) {
    this.#failures++;
    const wait = this.#backoff.next(cut ? 0 : code, performance.now());
    this.#timer = setTimeout(() => this.#tryAgain(), wait);
    this.dispatchEvent(Object.assign(new Event("lost"), { code }));
  }

  async #tryAgain() {
    const asks = this.#mayOpen && this.#failures > 1;
    const allowed = !asks || (await this.#mayOpen());
    if (this.#socket || this.#stopped) return; // the network came back meanwhile
    if (allowed) this.open();
    else this.#finish(this.#final[CLOSED.REVOKED]);
  }

  #finish(word) {
    this.#stop();
    this.dispatchEvent(new CustomEvent("final", { detail: word }));
  }

  #stop() {
    this.#stopped = true;
    clearTimeout(this.#timer);
    this.#closing.abort();
  }

  #ping() {
    const socket = this.#socket;
    if (!socket) return;
    if (performance.now() - this.#heardAt < SILENCE) {
      this.#pings.set(++this.#pinged, performance.now());
      return this.send({ type: "ping", n: this.#pinged });
    }
    socket.close(); // its close event waits for a network that is gone
    this.#closed(0);
  }

  #hurry() {
    if (this.#socket || this.#stopped) return;
    clearTimeout(this.#timer);
    this.open();
  }
}

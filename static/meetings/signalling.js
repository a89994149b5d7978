// The room's websocket, opened again by itself. Messages: docs/signalling.md.
import { Backoff } from "./backoff.js";

// Close codes of meetings/rooms/consumers.py after which there is nothing to come back to.
export const FINAL = {
  1000: "left",
  4403: "revoked",
  4408: "taken",
  4409: "replaced",
  4410: "over",
};
const TAKEN = 4408;
const RELOADING = 1000; // ms until a page that was just left has given up its seat

const PING = 3000; // a dead network closes no socket: silence on it does
const SILENCE = 7000;

// Events: "open", "message" (detail: the message), "lost", "final" (detail: a word of FINAL).
export class Signalling extends EventTarget {
  #url;
  #socket = null;
  #backoff = new Backoff();
  #failures = 0; // since the server was last heard
  #restarting = false;
  #heardAt = 0;
  #timer = 0;
  #stopped = false;
  #mayEnter;
  #asks; // how often it may still ask whether another page has our seat

  // `mayEnter`: resolves to whether this browser still has a right to the room; a refused
  // handshake does not tell a browser why. `ask`: a seat that another page has is left
  // to it ("final", "taken"); once we have it, it is ours through all trouble.
  constructor(url, mayEnter, { ask = false } = {}) {
    super();
    this.#url = url;
    this.#mayEnter = mayEnter;
    this.#asks = ask ? 2 : 0;
    setInterval(() => this.#ping(), PING);
    window.addEventListener("online", () => this.#hurry());
  }

  open() {
    const socket = new WebSocket(this.#asks ? `${this.#url}?ask=1` : this.#url);
    this.#socket = socket;
    this.#heardAt = performance.now();
    socket.onopen = () => this.dispatchEvent(new Event("open"));
    socket.onmessage = ({ data }) => this.#hear(JSON.parse(data));
    socket.onclose = ({ code }) => this.#closed(socket, code);
  }

  get isOpen() {
    return this.#socket?.readyState === WebSocket.OPEN;
  }

  send(message) {
    if (this.isOpen) this.#socket.send(JSON.stringify(message));
  }

  stop() {
    this.#stopped = true;
    this.#socket?.close();
  }

  #hear(message) {
    this.#heardAt = performance.now();
    this.#failures = 0;
    this.#backoff.heard();
    if (message.type === "restarting") this.#restarting = true;
    if (message.type === "hello") [this.#restarting, this.#asks] = [false, 0];
    if (message.type !== "pong")
      this.dispatchEvent(new CustomEvent("message", { detail: message }));
  }

  #closed(socket, code) {
    if (socket !== this.#socket) return;
    this.#socket = null;
    if (code === TAKEN && --this.#asks > 0) {
      this.#timer = setTimeout(() => this.open(), RELOADING);
      return;
    }
    const final = code === 1000 && this.#restarting ? "" : FINAL[code];
    if (final) this.#finish(final);
    if (this.#stopped) return;
    this.dispatchEvent(new Event("lost"));
    this.#failures++;
    const wait = this.#backoff.next(this.#restarting ? 0 : code, performance.now());
    this.#timer = setTimeout(() => this.#tryAgain(), wait);
  }

  async #tryAgain() {
    const allowed = this.#failures < 2 || (await this.#mayEnter());
    if (this.#socket || this.#stopped) return; // the network came back meanwhile
    if (allowed) this.open();
    else this.#finish("revoked");
  }

  #finish(word) {
    this.#stopped = true;
    this.dispatchEvent(new CustomEvent("final", { detail: word }));
  }

  #ping() {
    const socket = this.#socket;
    if (!socket) return;
    if (performance.now() - this.#heardAt < SILENCE) return this.send({ type: "ping" });
    socket.close(); // its close event waits for a network that is gone
    this.#closed(socket, 0);
  }

  #hurry() {
    if (this.#socket || this.#stopped) return;
    clearTimeout(this.#timer);
    this.open();
  }
}

// The room's websocket. Messages: docs/signalling.md.
import { CLOSED, Socket } from "../site/socket.js";

// What ends the room for this page.
const FINAL = {
  [CLOSED.LEFT]: "left",
  [CLOSED.REVOKED]: "revoked",
  [CLOSED.TAKEN]: "taken",
  [CLOSED.REPLACED]: "replaced",
  [CLOSED.OVER]: "over",
};
const RELOADING = 1000; // ms until a page that was just left has given up its seat

export class Signalling extends Socket {
  #restarting = false;
  #asks; // how often it may still ask whether another page has our seat

  // `mayEnter`: resolves to whether this browser still has a right to the room. `ask`: a
  // seat that another page has is left to it ("final", "taken"); once we have it, it is
  // ours through all trouble.
  constructor(url, mayEnter, { ask = false } = {}) {
    const address = () => (this.#asks ? `${url}?ask=1` : url);
    super(address, { final: FINAL, mayOpen: mayEnter, pings: true });
    this.#asks = ask ? 2 : 0;
    this.addEventListener("message", ({ detail }) => this.#note(detail));
  }

  judge(code) {
    if (code === CLOSED.TAKEN && --this.#asks > 0) return { wait: RELOADING };
    if (code === CLOSED.LEFT && this.#restarting) return { cut: true };
    return { ...super.judge(code), cut: this.#restarting };
  }

  #note({ type }) {
    if (type === "restarting") this.#restarting = true;
    if (type === "hello") [this.#restarting, this.#asks] = [false, 0];
  }
}

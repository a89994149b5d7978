// How long to wait before the next try, in milliseconds.
const WAITS = [500, 1000, 2000, 4000, 8000, 10000];
const QUICK = 30_000; // a server that starts again, a network that changes, takes less
const SECOND = 1000;
// The connection was cut without a word, or the server said that it goes.
const CUT = new Set([0, 1001, 1006, 1012]);

export function waitBefore(attempt) {
  return WAITS[Math.min(attempt, WAITS.length - 1)];
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

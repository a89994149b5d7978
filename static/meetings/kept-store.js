// Kept sound on the disk, in pieces of about a second: what a crash of the tab leaves.
//
// A piece: {visit, code, seat, zero, savedAt, packets}. `visit`: one stay in a room, of one
// page; `zero`: what makes its packets' times those of the meeting's clock.
const NAME = "earshot-kept";
const PIECES = "pieces";
const EXPIRES = 24 * 3600_000; // ms
const MARK = "earshot.kept"; // in localStorage: there may be something

function done(request) {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

export function mayHold() {
  return localStorage.getItem(MARK) !== null;
}

// As long as a page lives that holds a visit, no other one takes it for left behind.
// Returns what ends that.
export function hold(visit) {
  let release;
  const held = new Promise((resolve) => (release = resolve));
  navigator.locks.request(lockOf(visit), () => held);
  return release;
}

// Do something with a visit that no page holds; nothing where one does.
export function ifLeft(visit, act) {
  const options = { ifAvailable: true };
  return navigator.locks.request(lockOf(visit), options, (lock) => lock && act());
}

const lockOf = (visit) => `earshot.kept.${visit}`;

export class KeptStore {
  #database;

  // Rejects where the browser keeps nothing for this page.
  static async open() {
    const request = indexedDB.open(NAME, 1);
    request.onupgradeneeded = () => {
      const pieces = request.result.createObjectStore(PIECES, { autoIncrement: true });
      pieces.createIndex("visit", "visit");
    };
    const store = new KeptStore();
    store.#database = await done(request);
    return store;
  }

  #pieces(mode) {
    return this.#database.transaction(PIECES, mode).objectStore(PIECES);
  }

  // Resolves to the key of the piece.
  add(piece) {
    localStorage.setItem(MARK, "1");
    return done(this.#pieces("readwrite").add({ ...piece, savedAt: Date.now() }));
  }

  async drop(keys) {
    const pieces = this.#pieces("readwrite");
    await Promise.all(keys.map((key) => done(pieces.delete(key))));
  }

  // visit -> its pieces, in order
  async visits() {
    const visits = new Map();
    for (const piece of await done(this.#pieces("readonly").getAll()))
      visits.set(piece.visit, [...(visits.get(piece.visit) ?? []), piece]);
    return visits;
  }

  async forget(visit) {
    const keys = await done(this.#pieces("readonly").index("visit").getAllKeys(visit));
    await this.drop(keys);
  }

  // All of this seat, whichever page kept it.
  async forgetSeat(code, seat) {
    for (const [visit, [piece]] of await this.visits())
      if (piece.code === code && piece.seat === seat) await this.forget(visit);
  }

  // What nobody came back for; and the mark, when nothing is left.
  async expire(now = Date.now()) {
    const visits = await this.visits();
    for (const [visit, pieces] of visits) {
      if (now - pieces.at(-1).savedAt < EXPIRES) continue;
      await this.forget(visit);
      visits.delete(visit);
    }
    if (!visits.size) localStorage.removeItem(MARK);
  }
}

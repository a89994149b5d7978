// Whether a connection is alive, from its packet counts.
export const STALL = 5000; // ms without growth
const QUIET = 2000; // ms; a server that is there is heard every second

export class Pulse {
  #counts = { sent: -1, received: -1 };
  #grewAt = { sent: 0, received: 0 };

  constructor(now) {
    this.#grewAt = { sent: now, received: now };
  }

  // When something of the server was received last.
  get receivedAt() {
    return this.#grewAt.received;
  }

  // `sending`: we have a microphone; who only listens need not send.
  isStalled(counts, now, sending) {
    for (const way of ["sent", "received"]) {
      const grew = counts[way] !== this.#counts[way] || (way === "sent" && !sending);
      if (grew) this.#grewAt[way] = now;
    }
    this.#counts = counts;
    return now - Math.min(this.#grewAt.sent, this.#grewAt.received) >= STALL;
  }
}

// Whether nothing is heard of the server, neither by media nor by the socket: what is said
// now does not arrive, or late. Too early to give the connection up, not to say so.
export class Doubt {
  #lookedAt;
  #every;

  // `every`: ms between two looks
  constructor(now, every) {
    [this.#lookedAt, this.#every] = [now, every];
  }

  // `heard`: when something came last, by each way. Null: nobody knows, because this page
  // itself stood still.
  isUnheard(heard, now) {
    const stumbled = now - this.#lookedAt > 3 * this.#every;
    this.#lookedAt = now;
    return stumbled ? null : now - Math.max(...heard) >= QUIET;
  }
}

// Whether a connection is alive, from its packet counts.
export const STALL = 5000; // ms without growth

export class Pulse {
  #counts = { sent: -1, received: -1 };
  #grewAt = { sent: 0, received: 0 };

  constructor(now) {
    this.#grewAt = { sent: now, received: now };
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

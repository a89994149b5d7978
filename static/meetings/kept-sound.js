// What a browser keeps of its own sound: Opus packets with their times. Knows nothing of
// the page; docs/signalling.md has the slices.
export const FRAME = 20; // ms of a packet
export const KEPT = 600_000; // ms of sound that are kept at most
const HOLE = 100; // ms between two packets of one stretch at most, beside the frame
const SLICE = 60_000; // ms of a slice: a slow line gets it through
const ROUNDS = 60; // last round trips of which the quickest counts
const SECONDS = 2; // of which the least delay counts
const LEAST = 100; // ms; the server counts shorter ones as lost packets

// The meeting's clock, learnt from the server's answers to pings: in the middle between a
// ping and its answer it stood where the answer says, best known by the quickest of them.
export class MeetingClock {
  #rounds = []; // {zero, trip}

  // `clock`: ms on the meeting's clock; `sent`, `received`: performance.now()
  note(clock, sent, received) {
    const round = { zero: clock - (sent + received) / 2, trip: received - sent };
    this.#rounds = [...this.#rounds.slice(1 - ROUNDS), round];
  }

  // What is added to performance.now(); null before the first answer.
  get zero() {
    const quickest = this.#rounds.reduce(
      (best, round) => (best && best.trip <= round.trip ? best : round),
      null,
    );
    return quickest && quickest.zero;
  }
}

// When a sound was heard, from the moments at which blocks of it arrive: late now and then,
// never early. The least delay of the last seconds counts: few, because a machine that
// stumbles makes the sound's own clock stand still.
export class ArrivalClock {
  #seconds = []; // {second, least}

  // `time`, `arrival`: ms on the sound's own clock, and on ours, at the end of a block
  note(time, arrival) {
    const second = Math.floor(arrival / 1000);
    const late = arrival - time;
    const last = this.#seconds.at(-1);
    if (last?.second === second) last.least = Math.min(last.least, late);
    else this.#seconds = [...this.#seconds.slice(1 - SECONDS), { second, least: late }];
  }

  at(time) {
    return time + Math.min(...this.#seconds.map(({ least }) => least));
  }
}

// The last ten minutes of packets {at, data}: `at` by performance.now().
export class Ring {
  #packets = [];

  add(packet) {
    this.#packets.push(packet);
    // Looked at once a second, not at each packet.
    if (this.#packets.length % 50 === 0) this.dropBefore(packet.at - KEPT);
  }

  dropBefore(at) {
    const first = this.#packets.findIndex((packet) => packet.at >= at);
    this.#packets = first < 0 ? [] : this.#packets.slice(first);
  }

  clear() {
    this.#packets = [];
  }

  get packets() {
    return this.#packets;
  }
}

// The slices to hand in: packets (times on the meeting's clock) that lie in `missing`,
// [[start, end]], each slice one stretch.
export function slicesOf(packets, missing) {
  return missing.flatMap(([start, end]) => {
    const ours = packets.filter(({ at }) => at >= start && at + FRAME <= end + FRAME);
    return stretchesOf(ours).filter((one) => one.length * FRAME >= LEAST);
  });
}

function stretchesOf(packets) {
  const stretches = [];
  let current = [];
  for (const packet of packets) {
    const since = packet.at - (current.at(-1)?.at ?? -Infinity);
    if (current.length && since <= 0) continue; // the clock was set right in between
    const long = packet.at - (current[0]?.at ?? packet.at) >= SLICE;
    if (!current.length || long || since > FRAME + HOLE) stretches.push((current = []));
    current.push(packet);
  }
  return stretches;
}

// A slice as it is sent.
export function pack(packets) {
  const size = packets.reduce((sum, { data }) => sum + 6 + data.byteLength, 0);
  const bytes = new Uint8Array(size);
  const view = new DataView(bytes.buffer);
  let place = 0;
  for (const { at, data } of packets) {
    view.setUint32(place, Math.max(0, Math.round(at)));
    view.setUint16(place + 4, data.byteLength);
    bytes.set(data, place + 6);
    place += 6 + data.byteLength;
  }
  return bytes;
}

// In the room: our own sound is kept while we are recorded, and what did not arrive is
// handed in when the connection is back.
import { request } from "../site/post.js";
import { handIn, Refused } from "./hand-in.js";
import { KEPT, MeetingClock, Ring } from "./kept-sound.js";
import { hold, KeptStore } from "./kept-store.js";
import { canEncode, SoundKeeper } from "./sound-keeper.js";

const SPILL = 1000; // ms of sound that go to the disk at a time
const TRIES = [1000, 2000, 3000, 5000, 10_000, 20_000, 30_000]; // ms between two
const HANDING = "Handing in what you said while the connection was lost...";
const FAILED =
  "What you said while the connection was lost is not handed in yet. It is tried again when you leave.";
const REFUSED =
  "What you said while the connection was lost was not taken by the server. It is not recorded.";

const later = (wait) => new Promise((resolve) => setTimeout(resolve, wait));

export class Keeping {
  #room;
  #media;
  #say;
  #url;
  #seat;
  #visit = crypto.randomUUID();
  #clock = new MeetingClock();
  #ring = new Ring();
  #pieces = []; // {key, last}: on the disk, by the time of their last packet
  #fresh = []; // packets that are not on the disk yet
  #store = null;
  #keeper = null;
  #starting = null;
  #agreed = false;
  #withdrawn = false;
  #lostAt = null; // on the meeting's clock
  #handing = false;
  #tries = 0;
  #release = null;
  #stopped = false;

  // `say`: shows a sentence on the handing in, "" when there is none
  constructor({ room, media, say }) {
    [this.#room, this.#media, this.#say] = [room.dataset, media, say];
    [this.#url, this.#seat] = [this.#room.keptUrl, Number(this.#room.seat)];
    media.addEventListener("change", () => this.#keeper?.watch(media.microphone));
    for (const gesture of ["pointerdown", "keydown"])
      addEventListener(gesture, () => this.#keeper?.resume());
    addEventListener("pagehide", () => this.#spill());
  }

  // Whether what is said now is kept: an interruption costs nothing.
  get keeps() {
    return Boolean(this.#agreed && this.#clock.zero !== null && this.#keeper?.keeps);
  }

  // We choose now. A no holds here even when it does not reach the server.
  choose(recorded) {
    this.#withdrawn = !recorded;
    if (!recorded) this.agree(false);
  }

  // The choice, as the server knows it: who is not recorded keeps nothing either.
  agree(recorded) {
    const agreed = recorded && !this.#withdrawn;
    if (agreed === this.#agreed) return;
    this.#agreed = agreed;
    if (agreed) this.#starting = this.#start();
    else this.#forget();
  }

  note({ clock_ms: clock, sent, received }) {
    this.#clock.note(clock, sent, received);
  }

  // The connection is lost.
  lose() {
    if (this.#clock.zero !== null) this.#lostAt = performance.now() + this.#clock.zero;
  }

  // It is back: hand in what is missing until then.
  async back() {
    this.#tries = 0;
    if (this.#lostAt === null || this.#handing) return;
    this.#handing = true;
    await this.#handInUntilSettled();
    this.#handing = false;
  }

  // Nothing more is kept by this page; what there is lies on the disk for the next one.
  async stop() {
    this.#stopped = true;
    this.#keeper?.stop();
    this.#keeper = null;
    await this.#spill();
    this.#release?.();
  }

  async #start() {
    try {
      if (!(await canEncode())) return;
      this.#store ??= await KeptStore.open();
      this.#release ??= hold(this.#visit);
      const keeper = new SoundKeeper(
        (packet) => this.#take(packet),
        () => this.#media.muted,
      );
      await keeper.start(this.#room.keptWorklet);
      if (!this.#agreed || this.#stopped) return keeper.stop();
      keeper.watch(this.#media.microphone);
      this.#keeper = keeper;
    } catch (error) {
      console.warn("sound is not kept here", error); // the page says so when it matters
    }
  }

  async #forget() {
    this.#keeper?.stop();
    this.#keeper = null;
    this.#ring.clear();
    [this.#fresh, this.#pieces] = [[], []];
    await this.#starting;
    await this.#store?.forgetSeat(this.#room.code, this.#seat);
  }

  #take(packet) {
    if (this.#clock.zero === null) return;
    this.#ring.add(packet);
    this.#fresh.push(packet);
    if (packet.at - this.#fresh[0].at >= SPILL) this.#spill();
  }

  async #spill() {
    const packets = this.#fresh;
    if (!packets.length || !this.#store) return;
    this.#fresh = [];
    const { code } = this.#room;
    const place = { visit: this.#visit, code, seat: this.#seat, url: this.#url };
    try {
      const key = await this.#store.add({ ...place, zero: this.#clock.zero, packets });
      this.#pieces.push({ key, last: packets.at(-1).at });
      if (!this.#agreed) await this.#store.forget(this.#visit);
      else await this.#dropPieces(packets.at(-1).at - KEPT);
    } catch (error) {
      console.warn("the disk keeps no sound", error);
      this.#keeper?.stop();
    }
  }

  async #dropPieces(before) {
    const old = this.#pieces.filter(({ last }) => last < before);
    if (!old.length) return;
    this.#pieces = this.#pieces.filter(({ last }) => last >= before);
    await this.#store.drop(old.map(({ key }) => key));
  }

  async #handInUntilSettled() {
    while (this.#tries < TRIES.length) {
      await later(TRIES[this.#tries++]);
      if (!this.#agreed) return this.#say("");
      try {
        const { settled } = await this.#handIn();
        this.#say("");
        if (settled > this.#lostAt) return this.#done(settled);
      } catch (error) {
        if (error instanceof Refused) return this.#say(REFUSED);
        this.#say(FAILED);
      }
    }
  }

  #handIn() {
    const zero = this.#clock.zero;
    const packets = this.#ring.packets.map(({ at, data }) => ({ at: at + zero, data }));
    return handIn({
      url: this.#url,
      seat: this.#seat,
      packets,
      ask: request,
      onSlice: () => this.#say(HANDING),
    });
  }

  // All before this is in the recording.
  async #done(settled) {
    this.#lostAt = null;
    const before = settled - this.#clock.zero;
    this.#ring.dropBefore(before);
    await this.#dropPieces(before);
  }
}

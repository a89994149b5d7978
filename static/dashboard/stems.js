// One sound per person, played along with the mix while somebody is muted or soloed.
import { isHeard } from "./clock.js";

const DRIFT = 0.08; // seconds that a stem may be off before it is set right

export class Stems {
  // `clock`: the <audio> of the mix; `urls`: id -> address of that person's sound.
  constructor(clock, urls) {
    this.clock = clock;
    this.urls = urls;
    this.solo = new Set();
    this.muted = new Set();
    this.sounds = new Map();
    this.stop = new AbortController();
    for (const event of [
      "play",
      "pause",
      "seeked",
      "ratechange",
      "timeupdate",
      "waiting",
      "playing",
    ]) {
      clock.addEventListener(event, () => this.follow(), { signal: this.stop.signal });
    }
  }

  get apart() {
    return this.solo.size + this.muted.size > 0;
  }

  // Turn `id` in `set` ("solo" or "muted") on or off; returns whether it is on.
  toggle(set, id) {
    if (!this[set].delete(id)) this[set].add(id);
    this.follow();
    return this[set].has(id);
  }

  follow() {
    this.clock.muted = this.apart;
    for (const [id, url] of this.urls) {
      const heard = this.apart && isHeard(id, this.solo, this.muted);
      if (heard) this.align(this.soundOf(id, url));
      else this.sounds.get(id)?.pause();
    }
  }

  soundOf(id, url) {
    if (!this.sounds.has(id)) {
      const sound = new Audio(url);
      sound.addEventListener("loadedmetadata", () => this.follow());
      this.sounds.set(id, sound);
    }
    return this.sounds.get(id);
  }

  align(sound) {
    const { clock } = this;
    sound.playbackRate = clock.playbackRate;
    if (sound.readyState === 0) return;
    if (Math.abs(sound.currentTime - clock.currentTime) > DRIFT)
      sound.currentTime = clock.currentTime;
    const runs = !clock.paused && !clock.seeking && clock.readyState > 2;
    if (runs && sound.paused) sound.play().catch(() => {});
    if (!runs) sound.pause();
  }

  close() {
    this.stop.abort();
    for (const sound of this.sounds.values()) {
      sound.pause();
      sound.removeAttribute("src");
    }
  }
}

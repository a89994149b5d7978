// "Your microphone sends nothing": seen by ourselves, and told to the others.
//
// A quiet person is never quite silent: what a microphone gives is zero to the last bit
// only where it is switched off, cut off by the computer, or no microphone at all.
const SILENT = 10_000; // ms of nothing but zeros while we are not muted
const LOOK = 250;
const SENTENCE =
  "Your microphone sends nothing. See that it is switched on, and not muted by the computer, or choose another in Settings.";

export class SilentMark {
  #since = null;

  // `sound`: whether there is any; null where nobody can tell
  isSilent(sound, now) {
    if (sound !== false) this.#since = null;
    else this.#since ??= now;
    return this.#since !== null && now - this.#since >= SILENT;
  }
}

export class OwnSilence {
  #parts;
  #mark = new SilentMark();
  #silent = false;

  constructor(parts) {
    this.#parts = parts; // {media, levels, me, call, trouble}
    setInterval(() => this.#look(), LOOK);
  }

  #look() {
    const silent = this.#mark.isSilent(this.#sound(), performance.now());
    if (silent === this.#silent) return;
    this.#silent = silent;
    this.#parts.trouble.say("silent", silent ? SENTENCE : "");
    this.#parts.call.setSilent(silent);
  }

  #sound() {
    const { media, levels, me } = this.#parts;
    if (media.muted || !media.microphone) return null;
    return media.microphone.muted ? false : levels.hears(me);
  }
}

// How loud each person is, read from WebAudio a few times a second.
const QUIET = -55; // dB of full scale, where a meter stands at 0
const LOUD = -15; // where it stands at 1
const SPEAKING = 0.25;
const HOLD = 400; // ms a ring stays after the last loud moment
const EVERY = 80; // ms between readings

// 0..1 of a block of samples (-1..1)
export function levelOf(samples) {
  let sum = 0;
  for (const sample of samples) sum += sample * sample;
  const decibels = 10 * Math.log10(sum / samples.length + 1e-12);
  return Math.min(1, Math.max(0, (decibels - QUIET) / (LOUD - QUIET)));
}

// Keeps the ring of a speaker from flickering between words.
export class SpeakingMark {
  #lastLoud = -Infinity;

  isSpeaking(level, now) {
    if (level >= SPEAKING) this.#lastLoud = now;
    return now - this.#lastLoud < HOLD;
  }
}

export class Levels {
  // Nothing of it is heard: large blocks cost less than quick ones.
  #context = new AudioContext({ latencyHint: "playback" });
  #meters = new Map(); // id -> {track, source, analyser, samples, mark, shown}

  // onLevel(id, 0..1 in tenths, speaking), when it has changed
  constructor(onLevel) {
    setInterval(() => this.#read(onLevel), EVERY);
    for (const gesture of ["pointerdown", "keydown"]) {
      addEventListener(gesture, () => this.#context.resume());
    }
  }

  watch(id, track) {
    if (this.#meters.get(id)?.track === track) return;
    this.drop(id);
    if (!track) return;
    const source = this.#context.createMediaStreamSource(new MediaStream([track]));
    const analyser = new AnalyserNode(this.#context, { fftSize: 1024 });
    source.connect(analyser);
    const samples = new Float32Array(analyser.fftSize);
    this.#meters.set(id, {
      track,
      source,
      analyser,
      samples,
      mark: new SpeakingMark(),
    });
  }

  // Whether a track carries anything but zeros; null where nobody can tell.
  hears(id) {
    const meter = this.#meters.get(id);
    if (!meter || this.#context.state !== "running") return null;
    return meter.samples.some((sample) => sample !== 0);
  }

  drop(id) {
    this.#meters.get(id)?.source.disconnect();
    this.#meters.delete(id);
  }

  #read(onLevel) {
    for (const [id, meter] of this.#meters) {
      meter.analyser.getFloatTimeDomainData(meter.samples);
      const level = levelOf(meter.samples);
      const speaking = meter.mark.isSpeaking(level, performance.now());
      const shown = `${level.toFixed(1)} ${speaking}`;
      if (shown === meter.shown) continue; // a picture that is painted anew costs
      meter.shown = shown;
      onLevel(id, Number(level.toFixed(1)), speaking);
    }
  }
}

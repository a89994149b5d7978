// Our own microphone as Opus packets, besides what is sent: the same bit rate, no network.
import { ArrivalClock, FRAME } from "./kept-sound.js";

const RATE = 48_000;
const OPUS = {
  codec: "opus",
  sampleRate: RATE,
  numberOfChannels: 1,
  bitrate: 32_000,
  bitrateMode: "variable",
  opus: {
    frameDuration: FRAME * 1000,
    complexity: 5,
    application: "voip",
    signal: "voice",
  },
};
const AWAY = 2000; // ms without a packet after which nothing is being kept
const DELAY = 6.5; // ms: what goes in comes out so much later (312 samples)

// Whether this browser can do it at all.
export async function canEncode(scope = window) {
  const { AudioEncoder, AudioWorkletNode } = scope;
  if (!AudioEncoder || !AudioWorkletNode) return false;
  const { supported } = await AudioEncoder.isConfigSupported(OPUS).catch(() => ({}));
  return Boolean(supported);
}

export class SoundKeeper {
  #context = null;
  #node = null;
  #source = null;
  #encoder = null;
  #clock = new ArrivalClock();
  #ends = new Map(); // number of a block -> when it ended, while it is being encoded
  #blocks = 0;
  #heardAt = -Infinity;
  #onPacket;
  #isMuted;

  // `onPacket`: gets {at, data}, `at` by performance.now(); nothing while `isMuted()`
  constructor(onPacket, isMuted) {
    [this.#onPacket, this.#isMuted] = [onPacket, isMuted];
  }

  // Rejects where the browser refuses.
  async start(workletUrl) {
    this.#context = new AudioContext({ sampleRate: RATE });
    this.#context.onstatechange = () => (this.#clock = new ArrivalClock());
    await this.#context.audioWorklet.addModule(workletUrl);
    this.#node = new AudioWorkletNode(this.#context, "kept-sound");
    this.#node.port.onmessage = ({ data }) => this.#hear(data);
    this.#node.connect(this.#context.destination); // it says nothing, but it is asked
    this.#encoder = new AudioEncoder({
      output: (chunk) => this.#take(chunk),
      error: () => this.stop(),
    });
    this.#encoder.configure(OPUS);
  }

  // Keep this microphone from now on; null: none.
  watch(track) {
    this.#source?.disconnect();
    this.#source = null;
    if (!track || !this.#context) return;
    const stream = new MediaStream([track]);
    this.#source = this.#context.createMediaStreamSource(stream);
    this.#source.connect(this.#node);
  }

  // Whether what is said now is kept.
  get keeps() {
    return performance.now() - this.#heardAt < AWAY;
  }

  resume() {
    this.#context?.resume();
  }

  stop() {
    this.#heardAt = -Infinity;
    this.watch(null);
    if (this.#encoder?.state === "configured") this.#encoder.close();
    this.#context?.close();
    this.#encoder = this.#context = null;
  }

  #hear({ samples, end, wall }) {
    const now = performance.now();
    this.#clock.note(end * 1000, wall - (Date.now() - now));
    if (!this.#encoder) return;
    this.#heardAt = now;
    if (this.#isMuted()) return;
    const block = this.#blocks++;
    this.#ends.set(block, this.#clock.at(end * 1000));
    const data = new AudioData({
      format: "f32-planar",
      sampleRate: RATE,
      numberOfFrames: samples.length,
      numberOfChannels: 1,
      timestamp: block * FRAME * 1000,
      data: samples,
    });
    this.#encoder.encode(data);
    data.close();
  }

  // One packet comes out for each block that went in, in order.
  #take(chunk) {
    const block = Math.round(chunk.timestamp / (FRAME * 1000));
    const end = this.#ends.get(block);
    this.#ends.delete(block);
    if (end === undefined) return;
    const data = new Uint8Array(chunk.byteLength);
    chunk.copyTo(data);
    this.#onPacket({ at: end - FRAME - DELAY, data });
  }
}

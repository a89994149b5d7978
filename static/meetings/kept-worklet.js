// Hands on what the microphone hears in blocks of 20 ms, each with the time at its end and
// the wall clock at which it was heard: the page may be busy when it comes there.
const BLOCK = 960; // samples at 48 kHz

class KeptSound extends AudioWorkletProcessor {
  #block = new Float32Array(BLOCK);
  #filled = 0;

  process([[channel]]) {
    if (!channel) return true; // no microphone now
    for (let done = 0; done < channel.length;) {
      const part = channel.subarray(done, done + BLOCK - this.#filled);
      this.#block.set(part, this.#filled);
      this.#filled += part.length;
      done += part.length;
      if (this.#filled === BLOCK) this.#hand(currentFrame + done);
    }
    return true;
  }

  #hand(frame) {
    const samples = this.#block;
    const heard = { samples, end: frame / sampleRate, wall: Date.now() };
    this.port.postMessage(heard, [samples.buffer]);
    this.#block = new Float32Array(BLOCK);
    this.#filled = 0;
  }
}

registerProcessor("kept-sound", KeptSound);

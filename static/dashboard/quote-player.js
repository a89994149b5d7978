// <quote-player>: quotes of calls, each played where it stands. One sound for all: who
// starts a quote stops the one before.
const TOLD = ["playing", "pause", "ended", "error"];

class QuotePlayer extends HTMLElement {
  connectedCallback() {
    this.stop = new AbortController();
    const on = (target, event, does) =>
      target.addEventListener(event, does, { signal: this.stop.signal });
    this.audio = new Audio();
    this.audio.preload = "none";
    on(this, "click", (event) => this.clicked(event));
    on(this.audio, "timeupdate", () => this.follow());
    for (const event of TOLD) on(this.audio, event, () => this.show());
  }

  disconnectedCallback() {
    this.stop.abort();
    this.audio.pause();
  }

  clicked(event) {
    const button = event.target.closest("[data-play]");
    if (!button) return;
    if (button === this.button && !this.audio.paused) this.audio.pause();
    else this.play(button);
  }

  // From where it was paused, when it was this one and its end is not reached.
  play(button) {
    const { play, from, to } = button.dataset;
    const goesOn = button === this.button && this.audio.currentTime < to / 1000;
    this.end();
    this.button = button;
    this.until = Number(to) / 1000;
    if (!this.audio.src.endsWith(play)) this.audio.src = play;
    if (!goesOn) this.audio.currentTime = Number(from) / 1000;
    this.audio.play().catch((error) => this.failed(error));
    this.show();
  }

  follow() {
    if (this.audio.currentTime >= this.until) this.audio.pause();
    this.draw();
  }

  show() {
    if (!this.button) return;
    if (this.audio.error) return this.failed(this.audio.error);
    const on = !this.audio.paused;
    this.button.dataset.on = on;
    this.button.closest(".quote").toggleAttribute("data-playing", on);
    this.draw();
  }

  // How far the quote is played, as a line below it.
  draw() {
    const { from, to } = this.button.dataset;
    const done = (this.audio.currentTime * 1000 - from) / Math.max(1, to - from);
    let bar = this.button.closest(".quote").querySelector("progress");
    if (!bar) {
      bar = document.createElement("progress");
      bar.setAttribute("aria-label", "Played");
      this.button.closest(".quote").append(bar);
    }
    bar.value = Math.min(1, Math.max(0, done));
  }

  failed(error) {
    if (error.name === "AbortError") return; // another quote was started
    this.end();
    const told = document.createElement("small");
    told.className = "error-text";
    told.setAttribute("role", "alert");
    told.textContent = "The sound could not be played. Open the call to hear it.";
    const quote = this.button.closest(".quote");
    quote.querySelector(".error-text")?.remove();
    quote.append(told);
    this.button = null;
  }

  end() {
    if (!this.button) return;
    this.audio.pause();
    this.button.dataset.on = false;
    const quote = this.button.closest(".quote");
    quote.removeAttribute("data-playing");
    quote.querySelector("progress")?.remove();
  }
}

customElements.define("quote-player", QuotePlayer);

// <review-player>: owns the clock of the call. Says where it is by "clock" events
// ({ms, playing}) and obeys "seek" events ({seconds, play}) on the document.
import { clockText } from "../site/clock.js";
import { hashAt, secondsIn } from "./clock.js";
import { isForThePage } from "./keys.js";
import { showWords } from "./lane-words.js";
import { Pictures } from "./pictures.js";
import { Stems } from "./stems.js";
import { drawWaveform } from "./waveform.js";

const STEP = 5; // seconds of an arrow key
const FOLLOWED = [
  "play",
  "pause",
  "seeked",
  "ratechange",
  "timeupdate",
  "waiting",
  "playing",
]; // by pictures
const LEAP = 10; // seconds of J and L

class ReviewPlayer extends HTMLElement {
  connectedCallback() {
    this.audio = this.querySelector("audio");
    this.durationMs = Number(this.getAttribute("duration-ms"));
    this.stop = new AbortController();
    this.hint();
    if (!this.audio) return;
    this.stems = new Stems(this.audio, this.stemUrls());
    const box = this.querySelector("[data-pictures]");
    this.pictures = box && new Pictures(this.audio, box);
    this.listen();
    this.draw();
    this.begin();
  }

  hint() {
    const hint = this.querySelector("[data-hint]");
    if (hint)
      showWords(hint.closest(".lanes"), hint, this.durationMs, this.stop.signal);
  }

  disconnectedCallback() {
    this.stop.abort();
    this.stems?.close();
    this.pictures?.close();
    this.audio?.pause();
    this.eraseWave?.();
  }

  stemUrls() {
    const urls = new Map();
    for (const { dataset } of this.querySelectorAll("[data-solo]")) {
      urls.set(dataset.solo, dataset.stem);
      // Played on their screen: not theirs to be soloed or muted, but heard with the rest.
      if (dataset.tab) urls.set(`${dataset.solo}/tab`, dataset.tab);
    }
    return urls;
  }

  listen() {
    const on = (target, event, does) =>
      target.addEventListener(event, does, { signal: this.stop.signal });
    for (const event of ["play", "pause", "ended"])
      on(this.audio, event, () => this.changed());
    on(this.audio, "pause", () => this.writeHash());
    on(this.audio, "seeking", () => this.tell());
    on(this.audio, "seeked", () => this.audio.paused && this.writeHash());
    on(this.audio, "timeupdate", () => this.tell());
    on(this.audio, "error", () => this.failed());
    for (const event of FOLLOWED) on(this.audio, event, () => this.pictures?.follow());
    on(this, "click", (event) => this.clicked(event));
    on(this, "input", (event) => this.moved(event));
    on(document, "seek", ({ detail }) => this.seek(detail.seconds, detail.play));
    on(document, "keydown", (event) => this.pressed(event));
    on(window, "hashchange", () => this.seek(secondsIn(location.hash), true));
  }

  begin() {
    const at = secondsIn(location.hash);
    if (at === null) return;
    const followed = document.referrer.startsWith(location.origin);
    this.seek(
      at,
      followed &&
        !performance.getEntriesByType("navigation")[0]?.type.startsWith("reload"),
    );
  }

  async draw() {
    try {
      const erase = await drawWaveform(
        this.querySelector("[data-wave]"),
        this.audio,
        this.getAttribute("peaks"),
      );
      if (this.isConnected) this.eraseWave = erase;
      else erase();
    } catch (error) {
      console.warn("no waveform:", error); // the lanes stand without it
    }
  }

  // -- what people do

  seek(seconds, play = false) {
    if (seconds === null || !this.audio) return;
    this.audio.currentTime = Math.min(Math.max(0, seconds), this.durationMs / 1000);
    if (play) this.play();
  }

  play() {
    this.audio.play().catch(() => {}); // refused before the first click: stays paused
  }

  toggle() {
    if (this.audio.paused) this.play();
    else this.audio.pause();
  }

  skip(seconds) {
    this.seek(this.audio.currentTime + seconds);
  }

  pressed(event) {
    const keys = {
      " ": () => this.toggle(),
      k: () => this.toggle(),
      j: () => this.skip(-LEAP),
      l: () => this.skip(LEAP),
      ArrowLeft: () => this.skip(-STEP),
      ArrowRight: () => this.skip(STEP),
      "<": () => this.change(-1),
      ">": () => this.change(1),
    };
    if (/^[1-9]$/.test(event.key) && isForThePage(event)) this.hear(event.key - 1);
    const does = keys[event.key.length === 1 ? event.key.toLowerCase() : event.key];
    if (!does || !isForThePage(event)) return;
    event.preventDefault();
    does();
  }

  // The speed before or after this one in the list.
  change(way) {
    const speed = this.querySelector("[data-speed]");
    const to = speed.options[speed.selectedIndex + way];
    if (!to) return;
    speed.value = to.value;
    this.audio.playbackRate = Number(to.value);
  }

  // Only the nth person, or everybody again.
  hear(n) {
    this.querySelectorAll(".lane")[n]?.querySelector("[data-solo]")?.click();
  }

  clicked({ target, clientX }) {
    const button = target.closest("button");
    const track = target.closest("[data-track]");
    if (track) this.seekOn(track, clientX);
    else if (button?.matches("[data-play]")) this.toggle();
    else if (button?.matches("[data-back]")) this.skip(-LEAP);
    else if (button?.matches("[data-solo]"))
      this.press(button, "solo", button.dataset.solo);
    else if (button?.matches("[data-mute]"))
      this.press(button, "muted", button.dataset.mute);
  }

  seekOn(track, clientX) {
    const { left, width } = track.getBoundingClientRect();
    this.seek((((clientX - left) / width) * this.durationMs) / 1000);
  }

  press(button, set, id) {
    button.setAttribute("aria-pressed", this.stems.toggle(set, id));
  }

  moved({ target }) {
    if (target.matches("[data-seek]")) this.seek(target.value / 1000);
    if (target.matches("[data-speed]")) this.audio.playbackRate = Number(target.value);
  }

  // -- what people see

  changed() {
    const button = this.querySelector("[data-play]");
    button.dataset.on = !this.audio.paused;
    button.querySelector("[data-word]").textContent = this.audio.paused
      ? "Play"
      : "Pause";
    if (!this.audio.paused) this.run();
    this.tell();
  }

  run() {
    if (this.audio.paused || !this.isConnected) return;
    this.tell();
    requestAnimationFrame(() => this.run());
  }

  tell() {
    const ms = this.audio.currentTime * 1000;
    const seek = this.querySelector("[data-seek]");
    this.querySelector("[data-playhead]").style.left =
      `${(100 * ms) / Math.max(1, this.durationMs)}%`;
    if (!seek.matches(":active")) seek.value = ms;
    const now = clockText(ms);
    if (seek.getAttribute("aria-valuetext") !== now) {
      seek.setAttribute("aria-valuetext", now);
      this.querySelector("[data-now]").textContent = now;
    }
    const detail = { ms, playing: !this.audio.paused };
    this.dispatchEvent(new CustomEvent("clock", { bubbles: true, detail }));
  }

  writeHash() {
    history.replaceState(null, "", hashAt(this.audio.currentTime));
  }

  failed() {
    const line = document.createElement("p");
    line.className = "waiting error-text";
    line.setAttribute("role", "alert");
    line.textContent =
      "The sound cannot be loaded. Reload the page to try again; the text can be read.";
    this.querySelector(".waiting")?.remove();
    this.append(line);
  }
}

customElements.define("review-player", ReviewPlayer);

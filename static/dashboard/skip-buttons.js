// <skip-buttons src>: leaps over silence, or over all but the customer, while it plays.
import { get } from "../site/post.js";
import { leap, together } from "./skipping.js";

class SkipButtons extends HTMLElement {
  connectedCallback() {
    this.told = this.querySelector("[data-told]");
    this.stop = new AbortController();
    const { signal } = this.stop;
    this.addEventListener("click", ({ target }) => {
      const button = target.closest("[data-skip]");
      if (button) this.press(button);
    });
    const show = ({ detail }) => this.follow(detail);
    document.addEventListener("clock", show, { signal });
    // People, sides and words change: asked for anew at the next use.
    const forget = ({ detail }) => detail.changed && (this.people = null);
    this.closest("call-page").addEventListener("lines", forget, { signal });
  }

  disconnectedCallback() {
    this.stop.abort();
  }

  async press(pressed) {
    const on = pressed.getAttribute("aria-pressed") !== "true";
    for (const button of this.querySelectorAll("[data-skip]"))
      button.setAttribute("aria-pressed", on && button === pressed);
    this.mode = on ? pressed.dataset.skip : null;
    this.told.textContent = "";
    this.spans = null;
    if (on) await this.prepare();
  }

  async prepare() {
    this.people ??= (await get(this.getAttribute("src")).catch(() => null))?.people;
    if (!this.people) return this.tell("This could not be loaded. Try again.");
    const heard = this.people.filter(
      ({ side }) => this.mode === "silence" || side === "them",
    );
    this.spans = together(heard.map(({ spans }) => spans));
    if (this.spans.length === 0) this.tell("No customer speaks in this call.");
  }

  tell(text) {
    this.told.textContent = text;
  }

  follow({ ms, playing }) {
    if (!playing || !this.mode || !this.spans?.length) return;
    const to = leap(this.spans, ms);
    if (to === null || this.leapt === to) return;
    this.leapt = to; // the sound is there only a moment later
    const last = Number(this.closest("review-player").getAttribute("duration-ms"));
    const detail = { seconds: Math.min(to, last) / 1000, play: to !== Infinity };
    document.dispatchEvent(new CustomEvent("seek", { detail }));
    setTimeout(() => (this.leapt = null), 500);
  }
}

customElements.define("skip-buttons", SkipButtons);

// <call-bookmark src>: keeps the moment that is played, or takes its bookmark back.
import { request } from "../site/post.js";
import { isForThePage } from "./keys.js";
import { isNear } from "./mark-places.js";

class CallBookmark extends HTMLElement {
  connectedCallback() {
    this.button = this.querySelector("button");
    this.told = this.querySelector("[data-told]");
    this.ms = 0;
    this.moments = [];
    this.stop = new AbortController();
    const { signal } = this.stop;
    this.button.addEventListener("click", () => this.press());
    document.addEventListener("marks", ({ detail }) => this.know(detail), { signal });
    const tick = ({ detail }) => this.show(detail.ms);
    document.addEventListener("clock", tick, { signal });
    const pressed = (event) => {
      if (event.key.toLowerCase() === "b" && isForThePage(event)) this.press();
    };
    document.addEventListener("keydown", pressed, { signal });
  }

  disconnectedCallback() {
    this.stop.abort();
  }

  know(marks) {
    this.moments = marks.filter(([kind]) => kind === "bookmark").map(([, ms]) => ms);
    this.show(this.ms);
  }

  show(ms) {
    this.ms = ms;
    const on = String(isNear(this.moments, ms));
    if (this.button.getAttribute("aria-pressed") !== on)
      this.button.setAttribute("aria-pressed", on);
  }

  async press() {
    if (this.busy) return;
    this.busy = true;
    const on = isNear(this.moments, this.ms) ? "" : "1";
    const body = new URLSearchParams({ ms: Math.round(this.ms), on });
    const sent = request(this.getAttribute("src"), { method: "POST", body });
    const answer = await sent.catch(() => null);
    this.busy = false;
    this.told.textContent = answer?.ok ? "" : "This could not be saved. Try again.";
    if (answer?.ok) document.dispatchEvent(new CustomEvent("bookmarked"));
  }
}

customElements.define("call-bookmark", CallBookmark);

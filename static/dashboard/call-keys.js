// <call-keys>: the list of keys ("?"), and those that lead through the lines.
import { isForThePage } from "./keys.js";

class CallKeys extends HTMLElement {
  connectedCallback() {
    this.dialog = this.querySelector("dialog");
    this.page = this.closest("call-page");
    this.page.addEventListener("click", ({ target }) => {
      if (target.closest("[data-keys]")) this.dialog.showModal();
    });
    document.addEventListener("keydown", (event) => this.pressed(event));
  }

  pressed(event) {
    if (!isForThePage(event)) return;
    const does = {
      "?": () => this.dialog.showModal(),
      t: () => this.enter(),
      ArrowDown: () => this.step(event, 1),
      ArrowUp: () => this.step(event, -1),
    }[event.key.length === 1 ? event.key.toLowerCase() : event.key];
    if (!does || does() === false) return;
    event.preventDefault();
  }

  // To the line that is played, or to the first one.
  enter() {
    const played = this.page.querySelector(".transcript [aria-current]");
    const line = played?.closest(".line") ?? this.page.querySelector(".line");
    line?.querySelector("a.at").focus();
  }

  // From line to line, once one is there; else the page scrolls as it does.
  step({ target }, way) {
    const line = target.closest?.(".line");
    if (!line) return false;
    const lines = [...this.page.querySelectorAll(".line")];
    const next = lines[lines.indexOf(line) + way];
    next?.querySelector("a.at").focus();
    return Boolean(next);
  }
}

customElements.define("call-keys", CallKeys);

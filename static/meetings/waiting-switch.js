// <waiting-switch data-url>: the host's switch of the waiting room, before the call.
import { post } from "../site/post.js";

class WaitingSwitch extends HTMLElement {
  connectedCallback() {
    const box = this.querySelector("input");
    box.addEventListener("change", () => this.#set(box));
  }

  async #set(box) {
    const said = this.querySelector("[data-said]");
    try {
      const { on } = await post(this.dataset.url, { on: box.checked });
      said.textContent = on ? "Guests wait." : "Guests come in by themselves.";
    } catch {
      box.checked = !box.checked;
      said.textContent = "That did not reach the server. Try again.";
    }
  }
}

customElements.define("waiting-switch", WaitingSwitch);

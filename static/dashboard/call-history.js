// <call-history src>: what was corrected in the call, fetched when it is to be seen and
// after each change; takes back what people undo.
import { getHtml, request } from "../site/post.js";
import { showLocalTimes } from "../site/times.js";

const FAILED = "That did not work. Try again.";

class CallHistory extends HTMLElement {
  connectedCallback() {
    this.list = this.querySelector("[data-list]");
    this.told = this.querySelector("[data-told]");
    this.sheet = this.querySelector("details");
    this.sheet.addEventListener("toggle", () => this.load());
    this.closest("call-page").addEventListener(
      "lines",
      ({ detail }) => detail.changed && this.load(),
    );
    this.addEventListener("click", ({ target }) => this.clicked(target));
  }

  async load() {
    if (!this.sheet.open) return;
    const asked = (this.asked = {}); // the last answer counts, not the slowest
    const html = await getHtml(this.getAttribute("src"));
    if (asked !== this.asked) return;
    if (html === null) return this.tell("This could not be loaded.");
    this.list.innerHTML = html;
    showLocalTimes(this.list);
  }

  async clicked(target) {
    const button = target.closest("[data-undo]");
    if (!button) return;
    button.disabled = true;
    const sent = request(button.dataset.undo, { method: "POST", partial: true });
    const answer = await sent.catch(() => null);
    const said = await answer?.json().catch(() => null);
    this.tell(answer?.ok ? "Undone." : (said?.error ?? FAILED));
    button.disabled = false;
    if (answer?.ok) this.load();
  }

  tell(text) {
    this.told.textContent = text;
  }
}

customElements.define("call-history", CallHistory);

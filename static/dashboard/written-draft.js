// <written-draft>: what a language model writes of calls; looked at again while it waits.
import { request } from "../site/post.js";

const AGAIN = 1500; // ms

class WrittenDraft extends HTMLElement {
  connectedCallback() {
    this.addEventListener("submit", (event) => this.ask(event));
    this.look();
  }

  disconnectedCallback() {
    clearTimeout(this.timer);
  }

  async ask(event) {
    event.preventDefault();
    const form = event.target;
    const body = new FormData(form);
    const sent = request(form.action, { method: "POST", body, partial: true });
    const answer = await sent.catch(() => null);
    if (answer?.ok) this.put(await answer.text());
    else form.querySelector("[data-failed]").textContent = "Not asked. Try again.";
  }

  put(html) {
    this.innerHTML = html;
    this.look();
  }

  look() {
    clearTimeout(this.timer);
    const url = this.querySelector("[data-waits]")?.dataset.waits;
    if (url) this.timer = setTimeout(() => this.fetch(url), AGAIN);
  }

  async fetch(url) {
    const answer = await request(url, { partial: true }).catch(() => null);
    if (answer?.ok) this.put(await answer.text());
    else this.look();
  }
}

customElements.define("written-draft", WrittenDraft);

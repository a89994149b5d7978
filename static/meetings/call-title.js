// <call-title data-url>: what a host calls the call; written down when the field is left.
import { post } from "../site/post.js";

class CallTitle extends HTMLElement {
  #kept;

  connectedCallback() {
    this.#kept = this.#input.value;
    this.#input.addEventListener("change", () => this.#keep());
    this.addEventListener("keydown", (event) => this.#pressed(event));
  }

  // Somebody else's title, or another window's; what is being typed stays.
  show({ title, name }) {
    this.#kept = title;
    if (document.activeElement === this.#input) return;
    this.#input.value = title;
    if (!title) this.#input.placeholder = name;
  }

  get #input() {
    return this.querySelector("input");
  }

  #pressed({ key }) {
    if (key === "Escape") this.#input.value = this.#kept;
    if (key === "Enter" || key === "Escape") this.#input.blur();
  }

  async #keep() {
    try {
      const { title, name } = await post(this.dataset.url, {
        title: this.#input.value,
      });
      this.#input.value = this.#kept = title;
      if (!title) this.#input.placeholder = name;
      document.title = `${name} · Earshot`;
      this.#say("Title saved");
    } catch (error) {
      this.#say(`Title not saved: ${error.message}`, true);
    }
  }

  // What went wrong is seen by all, what went well is heard by who cannot see the field.
  #say(sentence, wrong = false) {
    const line = this.querySelector("[data-said]");
    line.textContent = sentence;
    line.classList.toggle("visually-hidden", !wrong);
  }
}

customElements.define("call-title", CallTitle);

// <spoken-language data-url>: in which language this person is captioned, from the next line on.
import { post } from "../site/post.js";

class SpokenLanguage extends HTMLElement {
  connectedCallback() {
    this.querySelector("select").addEventListener("change", () => this.#choose());
  }

  async #choose() {
    const said = this.querySelector("[data-said]");
    const language = this.querySelector("select").value;
    try {
      await post(this.dataset.url, { language });
      said.textContent = "From your next sentence on";
    } catch (error) {
      said.textContent = `Not changed: ${error.message}`;
    }
  }
}

customElements.define("spoken-language", SpokenLanguage);

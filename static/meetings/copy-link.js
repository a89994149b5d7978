// <copy-link data-url>: makes a guest link and copies it; shows it where copying is refused.
import { post } from "../site/post.js";

class CopyLink extends HTMLElement {
  connectedCallback() {
    this.querySelector("[data-copy]").addEventListener("click", () => this.#copy());
  }

  async #copy() {
    const said = this.querySelector("[data-said]");
    try {
      const { url } = await post(this.dataset.url);
      this.#show(url);
      await navigator.clipboard.writeText(url);
      said.textContent = "Link copied";
    } catch (error) {
      const input = this.querySelector("[data-link]");
      said.textContent = input.value
        ? "Copy it from here"
        : `No link: ${error.message}`;
      input.hidden = !input.value;
      input.select();
    }
  }

  #show(url) {
    this.querySelector("[data-link]").value = url;
    this.dataset.link = url;
  }
}

customElements.define("copy-link", CopyLink);

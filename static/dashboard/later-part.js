// <later-part src>: a part of a page that takes its time: fetched after the rest.
import { getHtml } from "../site/post.js";
import { showLocalTimes } from "../site/times.js";

class LaterPart extends HTMLElement {
  connectedCallback() {
    this.addEventListener("click", ({ target }) => {
      if (target.closest("[data-again]")) this.load();
    });
    this.load();
  }

  async load() {
    const html = await getHtml(this.getAttribute("src"));
    if (html === null) return this.offer();
    this.innerHTML = html;
    showLocalTimes(this);
  }

  offer() {
    const again = document.createElement("button");
    again.type = "button";
    again.dataset.again = "";
    again.textContent = "Try again";
    this.replaceChildren("This could not be loaded.", " ", again);
  }
}

customElements.define("later-part", LaterPart);

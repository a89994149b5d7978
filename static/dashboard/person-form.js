// <person-form>: who somebody in the call was; the page shows it when the call's socket says so.
import { request } from "../site/post.js";

class PersonForm extends HTMLElement {
  connectedCallback() {
    this.addEventListener("submit", (event) => this.save(event));
    this.querySelector("details").addEventListener("toggle", () => this.offer());
  }

  // Who else was there, as the lanes name them now.
  offer() {
    const select = this.querySelector("[data-self]");
    if (!select || !this.querySelector("[open]")) return;
    const others = [...document.querySelectorAll(".lane")]
      .map(({ id, children }) => [id.replace("lane-", ""), children[0].children[0]])
      .filter(([id]) => id !== select.dataset.self)
      .map(([id, { textContent }]) => new Option(textContent, id));
    select.replaceChildren(new Option("Choose", ""), ...others);
  }

  async save(event) {
    event.preventDefault();
    const form = event.target;
    const body = new FormData(form);
    const sent = request(form.action, { method: "POST", body, partial: true });
    const answer = await sent.catch(() => null);
    const said = answer?.ok ? null : await answer?.json().catch(() => null);
    const failed = sentence(answer?.status, said?.error);
    form.querySelector("[data-failed]").textContent = answer?.ok ? "" : failed;
    if (answer?.ok) this.querySelector("details").open = false;
  }
}

function sentence(status, error) {
  if (typeof error === "string") return error;
  return status === 422
    ? "Give a name, and an address that is one."
    : "Not saved. Try again.";
}

customElements.define("person-form", PersonForm);

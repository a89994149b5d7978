// <removed-lines>: the switch that shows what the filters took away between the lines
// of the transcript, and the buttons of these entries (data-post: where to post).
import { request } from "../site/post.js";
import { rowAt } from "./removed-order.js";

const FAILED = "That did not work. Try again.";

class RemovedLines extends HTMLElement {
  connectedCallback() {
    this.entries = [];
    this.box = this.querySelector("input");
    this.told = this.querySelector("[data-told]");
    this.page = this.closest("call-page");
    this.box.addEventListener("change", () => this.toggle());
    this.page.addEventListener("lines", () => this.place());
    this.page.addEventListener("click", ({ target }) => this.act(target));
  }

  get list() {
    return this.page.querySelector(".transcript");
  }

  async toggle() {
    this.clear();
    this.list.classList.toggle("with-removed", this.box.checked);
    if (!this.box.checked) return this.tell("");
    const html = await this.ask(this.getAttribute("src"), "GET");
    if (html === null || !this.box.checked) return;
    this.entries = entriesOf(html);
    this.tell(this.entries.length ? "" : "No line was removed.");
    this.place();
  }

  clear() {
    for (const entry of this.entries) entry.remove();
    this.entries = [];
  }

  // Put those that are not there, or no longer, between the lines.
  place() {
    for (const entry of this.entries.filter((one) => !one.isConnected)) {
      const rows = [...this.list.children];
      const at = rowAt(
        rows.map((row) => Number(row.dataset.start)),
        Number(entry.dataset.start),
      );
      const isBeyond = at === rows.length && rows.at(-1)?.matches(".part");
      if (!isBeyond) this.list.insertBefore(entry, rows[at] ?? null);
    }
  }

  async act(target) {
    const button = target.closest("[data-post]");
    if (!button) return;
    button.disabled = true;
    const answer = await this.ask(button.dataset.post, "POST");
    button.disabled = false;
    if (answer === null) return;
    const [fresh] = entriesOf(answer);
    if (fresh) this.replace(button.closest(".removed"), fresh);
    else this.tell(answer);
  }

  replace(old, fresh) {
    this.entries = this.entries.map((entry) => (entry === old ? fresh : entry));
    old.replaceWith(fresh);
    fresh.querySelector("[data-done]")?.focus();
  }

  // The answer's text; null when it failed, and then the reason is told.
  async ask(path, method) {
    const answer = await request(path, { method }).catch(() => null);
    if (answer?.ok) return answer.text();
    this.tell(answer?.status === 400 ? await answer.text() : FAILED);
    return null;
  }

  tell(text) {
    this.told.textContent = text;
  }
}

function entriesOf(html) {
  const template = document.createElement("template");
  template.innerHTML = html;
  return [...template.content.querySelectorAll(".removed")];
}

customElements.define("removed-lines", RemovedLines);

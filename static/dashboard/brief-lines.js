// <brief-lines>: what somebody changes in a brief is sent, and the brief put anew.
import { request } from "../site/post.js";

// What is closed stays so in what comes.
function closeEdit(form) {
  const edit = form.closest("[data-edit]");
  if (edit) edit.open = false;
}

// Whoever is there with the keyboard stays at their line.
function put(part, html, stay) {
  part.put(html);
  part.querySelector(`[data-at="${CSS.escape(stay)}"]`)?.focus();
}

class BriefLines extends HTMLElement {
  connectedCallback() {
    this.addEventListener("submit", (event) => this.send(event));
    this.addEventListener("keydown", (event) => this.escape(event));
    this.addEventListener("reset", ({ target }) => this.close(target));
  }

  async send(event) {
    event.preventDefault();
    const form = event.target;
    const part = this.closest("panel-part"); // news may replace us meanwhile
    const body = new FormData(form, event.submitter);
    const sent = request(form.action, { method: "POST", body, partial: true });
    const answer = await sent.catch(() => null);
    if (answer?.ok) {
      closeEdit(form);
      return put(part, await answer.text(), form.dataset.stay);
    }
    const told = await answer?.json().catch(() => null);
    this.fail(form, told?.error ?? "Not saved. Try again.");
  }

  fail(form, words) {
    form.querySelector("[data-failed]").textContent = words;
  }

  // Escape leaves the field; nothing else on the page hears of it.
  escape(event) {
    const form = event.key === "Escape" && event.target.closest("[data-edit] form");
    if (!form) return;
    event.stopPropagation();
    form.reset();
  }

  close(form) {
    closeEdit(form);
    this.fail(form, "");
    form.closest("[data-edit]").querySelector("summary").focus();
  }
}

customElements.define("brief-lines", BriefLines);

// <call-title>: the name of the call, typed over in place. Enter or leaving the field saves
// it, Escape takes it back; the line beside says what became of it.
import { request } from "../site/post.js";

const SAID = 3000; // milliseconds

class CallTitle extends HTMLElement {
  connectedCallback() {
    this.form = this.querySelector("form");
    this.input = this.querySelector("input[name=title]");
    this.said = this.querySelector("[data-said]");
    this.saved = this.input.value;
    this.form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.input.blur(); // a change is saved by that
    });
    this.input.addEventListener("change", () => this.save());
    this.input.addEventListener(
      "keydown",
      ({ key }) => key === "Escape" && this.undo(),
    );
  }

  undo() {
    this.input.value = this.saved;
    this.input.blur();
  }

  async save() {
    const title = this.input.value.split(/\s+/).filter(Boolean).join(" ");
    this.input.value = title;
    if (title === this.saved) return;
    this.say("Saving …"); // a head that is at work is not put anew under one's hands
    const body = new FormData(this.form);
    const sent = request(this.form.action, { method: "POST", body, partial: true });
    const answer = await sent.catch(() => null);
    if (!answer?.ok) return this.say("Not saved. Try again.");
    this.saved = title;
    const name = title || this.input.placeholder;
    this.dispatchEvent(new CustomEvent("renamed", { bubbles: true, detail: { name } }));
    this.say("Saved");
  }

  say(text) {
    clearTimeout(this.timer);
    this.said.textContent = text;
    this.said.classList.toggle("error-text", text.startsWith("Not"));
    if (text === "Saved") this.timer = setTimeout(() => this.say(""), SAID);
  }
}

customElements.define("call-title", CallTitle);

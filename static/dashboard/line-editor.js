// A line of the transcript, written over in place. Enter saves, Escape leaves; what two
// people wrote at once is shown to the second one, and nothing of it is lost.
import { request } from "../site/post.js";

const LOST = "Not saved: the server does not answer. Try again.";
const GONE = "This line is not here any more. Your text can still be copied.";

export class LineEditor {
  // `line`: the <li>; `path`: where its text is posted; `done(change)`: it was saved
  // (`change`: what undoes it, or nothing) or left (undefined).
  constructor(line, path, done) {
    Object.assign(this, { line, path, done });
    this.text = line.querySelector("p");
    this.was = this.text.textContent.trim();
    this.form = this.build();
    line.classList.add("editing");
    this.text.after(this.form);
    this.field.value = this.was;
    this.fit();
    this.field.focus();
  }

  build() {
    const form = document.createElement("form");
    form.className = "line-editor";
    this.field = document.createElement("textarea");
    this.field.dir = "auto";
    this.field.rows = 1;
    this.field.setAttribute("aria-label", `The line of ${this.at()}`);
    this.told = document.createElement("div");
    this.told.setAttribute("role", "alert");
    this.told.className = "error-text";
    const keys = document.createElement("small");
    keys.className = "muted";
    keys.textContent = "Enter saves, Esc leaves";
    const buttons = document.createElement("div");
    buttons.className = "actions";
    buttons.append(button("Save", "primary"), button("Cancel", ""), keys);
    form.append(this.field, this.told, buttons);
    form.addEventListener("submit", (event) => this.save(event));
    form.addEventListener("keydown", (event) => this.pressed(event));
    form.addEventListener("input", () => this.fit());
    buttons.lastElementChild.previousElementSibling.type = "button";
    buttons.children[1].addEventListener("click", () => this.close());
    return form;
  }

  at() {
    return this.line.querySelector(".at").textContent;
  }

  fit() {
    this.field.style.height = "auto";
    this.field.style.height = `${this.field.scrollHeight + 2}px`;
  }

  pressed(event) {
    event.stopPropagation(); // no key of it is for the player
    if (event.key === "Escape") this.close();
    if (event.key !== "Enter" || event.isComposing) return;
    event.preventDefault();
    this.form.requestSubmit();
  }

  async save(event) {
    event.preventDefault();
    const text = this.field.value.split(/\s+/).filter(Boolean).join(" ");
    if (text === this.was) return this.close();
    this.busy(true);
    const body = new URLSearchParams({ was: this.was, text });
    const sent = request(this.path, { method: "POST", body, partial: true });
    const answer = await sent.catch(() => null);
    this.busy(false);
    if (answer?.ok) return this.saved(text, await answer.json());
    this.refused(answer?.status, await answer?.json().catch(() => null));
  }

  saved(text, { change }) {
    this.text.textContent = text; // until the line comes with its words
    this.close(change);
  }

  refused(status, said) {
    const sentence = status === 404 ? GONE : said?.error;
    this.told.replaceChildren(sentence ?? LOST);
    if (status === 409) this.showTheirs(said.theirs);
    this.field.focus();
  }

  // Saving again is meant for what stands there now.
  showTheirs(theirs) {
    this.was = theirs;
    const quoted = document.createElement("q");
    quoted.dir = "auto";
    quoted.textContent = theirs;
    const take = button("Take theirs", "");
    take.type = "button";
    take.addEventListener("click", () => this.close());
    this.told.append(" It says now: ", quoted, " ", take);
    this.form.querySelector(".primary").textContent = "Save mine";
  }

  busy(is) {
    this.field.readOnly = is;
    this.form.querySelector(".primary").disabled = is;
  }

  close(change) {
    this.form.remove();
    this.line.classList.remove("editing");
    this.done(change);
  }
}

function button(word, kind) {
  const made = document.createElement("button");
  made.textContent = word;
  made.className = kind;
  return made;
}

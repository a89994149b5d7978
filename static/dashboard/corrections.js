// <call-corrections text said-by undo>: lines that are written over, and lines that are
// given to the one who said them. Wraps the transcript.
import { request } from "../site/post.js";
import { between, told } from "./choosing.js";
import { isForThePage } from "./keys.js";
import { LineEditor } from "./line-editor.js";

const FAILED = "That did not work. Try again.";
const SETTLED = 200; // ms after the last change of what is selected

class CallCorrections extends HTMLElement {
  connectedCallback() {
    this.chosen = new Set();
    this.bar = this.querySelector("[data-chosen]");
    this.told = this.querySelector("[data-corrected]");
    this.box = this.querySelector("[data-correct]");
    this.page = this.closest("call-page");
    this.addEventListener("click", (event) => this.clicked(event));
    this.addEventListener("dblclick", ({ target }) => this.edit(lineOf(target)));
    this.addEventListener("lines", () => this.dress());
    this.box.addEventListener("change", () => this.toggle());
    this.bar.addEventListener("submit", (event) => this.give(event));
    this.bar.addEventListener("change", ({ target }) => this.pickPerson(target));
    document.addEventListener("keydown", (event) => this.pressed(event));
    document.addEventListener("selectionchange", () => this.selecting());
  }

  get transcript() {
    return this.querySelector("call-transcript");
  }

  get lines() {
    return [...this.querySelectorAll(".line")];
  }

  // The line that the keyboard is at, else the one that is being played.
  get here() {
    const { activeElement } = document;
    return (
      lineOf(activeElement) ??
      lineOf(this.querySelector(".transcript [aria-current]")) ??
      null
    );
  }

  // -- the switch: a box and a pencil at each line

  toggle() {
    this.dress();
    if (!this.box.checked) this.forget();
  }

  dress() {
    const on = this.box.checked;
    if (!on && !this.dressed && this.chosen.size === 0) return this.showChosen();
    this.dressed = on;
    this.transcript.classList.toggle("correcting", on);
    for (const line of this.lines) {
      const has = line.querySelector(":scope > .choose");
      if (on && !has) line.append(...tools(line));
      if (!on && has)
        line.querySelectorAll(".choose, .edit").forEach((x) => x.remove());
      const box = line.querySelector(".choose input");
      if (box) box.checked = this.chosen.has(idOf(line));
    }
    for (const id of this.chosen) if (!this.lineOf(id)) this.chosen.delete(id);
    this.showChosen();
  }

  lineOf(id) {
    return this.querySelector(`#line-${Number(id)}`);
  }

  clicked(event) {
    const { target } = event;
    const line = lineOf(target);
    if (target.closest(".choose")) this.choose(event, line);
    else if (target.closest(".edit")) this.edit(line);
    else if (target.closest("[data-leave]")) this.forget();
    else if (target.closest("[data-name-them]")) this.open();
    else if (target.closest("[data-take-back]")) this.takeBack(target);
  }

  // -- words

  edit(line) {
    if (!line || line.classList.contains("editing")) return;
    getSelection().removeAllRanges(); // a double click has selected a word
    const id = idOf(line);
    const path = this.getAttribute("text").replace("/0/", `/${id}/`);
    new LineEditor(line, path, (change) => {
      this.transcript.release(line);
      if (change === undefined) return;
      this.page.collect({ changed: [id], removed: [] });
      this.tell("Saved.", change);
      this.lineOf(id)?.querySelector("a.at").focus({ preventScroll: true });
    });
  }

  pressed(event) {
    const { key } = event;
    if (!isForThePage(event)) return;
    if (key === "Escape" && this.chosen.size) return this.forget();
    const line = this.here;
    const isSpeaker = key.toLowerCase() === "s";
    if (!line || (key.toLowerCase() !== "e" && !isSpeaker)) return;
    event.preventDefault();
    if (!isSpeaker) return this.edit(line);
    if (this.chosen.size === 0) this.chosen.add(idOf(line));
    this.showChosen();
    this.open();
  }

  // -- who said it

  choose(event, line) {
    const id = idOf(line);
    const on = line.querySelector(".choose input").checked;
    if (event.target.matches("input") === false) return; // its label: the box follows
    const order = this.lines.map(idOf);
    const ids = event.shiftKey && this.last ? between(order, this.last, id) : [id];
    for (const one of ids) this.chosen[on ? "add" : "delete"](one);
    this.last = id;
    this.dress();
  }

  // Text that is selected over several lines offers them.
  selecting() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.takeSelection(), SETTLED);
  }

  takeSelection() {
    const selection = getSelection();
    if (this.bar.contains(document.activeElement) || selection.isCollapsed) return;
    const range = selection.getRangeAt(0);
    if (!range.intersectsNode(this.transcript)) return;
    const lines = this.lines.filter((line) =>
      range.intersectsNode(line.querySelector("p")),
    );
    if (lines.length < 2 || lines.length === this.lines.length) return;
    this.chosen = new Set(lines.map(idOf));
    this.dress();
  }

  showChosen() {
    const some = this.chosen.size > 0;
    this.bar.hidden = !some;
    this.bar.querySelector("[data-count]").textContent = told(this.chosen.size);
    if (!some) this.bar.querySelector("fieldset").hidden = true;
    this.bar.querySelector("[data-name-them]").hidden =
      !this.bar.querySelector("fieldset").hidden;
  }

  // The people there are, whom the lanes name, and somebody new.
  open() {
    const select = this.bar.querySelector("select");
    const people = [...document.querySelectorAll(".lane")].map((lane) => [
      lane.id.replace("lane-", ""),
      lane.querySelector(".speaker").textContent,
    ]);
    const options = [...people, ["", "Somebody else …"]].map(
      ([value, name]) => new Option(name, value),
    );
    select.replaceChildren(...options);
    this.bar.querySelector("fieldset").hidden = false;
    this.showChosen();
    this.pickPerson(select);
    select.focus();
  }

  pickPerson(target) {
    if (!target.matches("select[name=person]")) return;
    const known = target.value !== "";
    for (const field of this.bar.querySelectorAll("[data-new]")) {
      field.hidden = known;
      field.querySelector("input, select").disabled = known;
    }
  }

  async give(event) {
    event.preventDefault();
    const body = new URLSearchParams(new FormData(this.bar));
    const ids = [...this.chosen];
    body.set("lines", ids);
    const answer = await this.post(this.getAttribute("said-by"), body);
    if (!answer) return;
    this.forget();
    this.page.collect({ changed: ids.map(Number), removed: [] });
    this.tell(`${told(ids.length)} changed.`, answer.change);
  }

  forget() {
    this.chosen.clear();
    this.last = null;
    this.dress();
  }

  // -- what is told

  async takeBack(button) {
    const path = this.getAttribute("undo").replace(/[0-9a-f-]{36}/, button.value);
    if (await this.post(path, new URLSearchParams())) this.tell("Undone.");
  }

  // The answer's JSON; null when it failed, and then the reason is told.
  async post(path, body) {
    const sent = request(path, { method: "POST", body, partial: true });
    const answer = await sent.catch(() => null);
    const said = await answer?.json().catch(() => null);
    if (answer?.ok) return said;
    this.tell(said?.error ?? FAILED);
    return null;
  }

  tell(text, change) {
    this.told.textContent = text;
    if (!change) return;
    const back = document.createElement("button");
    Object.assign(back, { type: "button", value: change, textContent: "Undo" });
    back.dataset.takeBack = "";
    this.told.append(" ", back);
  }
}

function lineOf(element) {
  return element?.closest?.(".line") ?? null;
}

function idOf(line) {
  return line.id.replace("line-", "");
}

// What the switch puts at each line.
function tools(line) {
  const at = line.querySelector(".at").textContent;
  const label = document.createElement("label");
  const box = document.createElement("input");
  label.className = "choose";
  box.type = "checkbox";
  box.setAttribute("aria-label", `Choose the line of ${at}`);
  label.append(box);
  const edit = document.createElement("button");
  edit.type = "button";
  edit.className = "plain edit";
  edit.textContent = "Edit";
  edit.setAttribute("aria-label", `Edit the line of ${at}`);
  return [label, edit];
}

customElements.define("call-corrections", CallCorrections);

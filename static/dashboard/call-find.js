// <call-find src>: words looked for in this call. Hits stand on the lanes and in the lines;
// Enter leads from one to the next, Shift+Enter back.
import { get } from "../site/post.js";
import { isForThePage } from "./keys.js";

const PAUSE = 250; // ms after the last letter

class CallFind extends HTMLElement {
  connectedCallback() {
    this.input = this.querySelector("input");
    this.told = this.querySelector("[data-found]");
    this.page = this.closest("call-page");
    this.hits = [];
    this.addEventListener("input", () => {
      clearTimeout(this.timer);
      this.timer = setTimeout(() => this.look(), PAUSE);
    });
    this.addEventListener("keydown", (event) => this.typed(event));
    this.addEventListener("click", ({ target }) => {
      const way = target.closest("[data-way]")?.dataset.way;
      if (way) this.step(Number(way));
    });
    this.page.addEventListener("lines", () => this.paint());
    document.addEventListener("keydown", (event) => this.pressed(event));
  }

  pressed(event) {
    if (event.key.toLowerCase() !== "f" || !isForThePage(event)) return;
    event.preventDefault();
    this.input.select();
    this.input.focus({ preventScroll: true }); // it sticks below the strip from then on
    this.scrollIntoView({ block: "nearest" });
  }

  typed(event) {
    if (event.key === "Enter") {
      event.preventDefault();
      this.step(event.shiftKey ? -1 : 1);
    }
    if (event.key === "Escape") {
      this.input.value = "";
      this.input.blur();
      this.look();
    }
  }

  async look() {
    const text = this.input.value.trim();
    if (text === this.asked) return;
    this.asked = text;
    const address = `${this.getAttribute("src")}?q=${encodeURIComponent(text)}`;
    const found = text ? await get(address).catch(() => null) : { hits: [] };
    if (text !== this.asked) return; // typed on meanwhile
    if (found) this.show(found.hits);
    else this.told.textContent = "This could not be looked for. Try again.";
    if (!found) this.asked = null;
  }

  show(hits) {
    this.hits = hits;
    this.at = -1;
    const moments = hits.map(([, ms]) => ms);
    document.dispatchEvent(new CustomEvent("found", { detail: moments }));
    this.paint();
    this.tell();
  }

  tell() {
    const { length } = this.hits;
    const count = length
      ? `${this.at < 0 ? "" : `${this.at + 1} of `}${length}`
      : "None";
    this.told.textContent = this.asked ? count : "";
    for (const button of this.querySelectorAll("[data-way]"))
      button.hidden = length === 0;
  }

  async step(way) {
    clearTimeout(this.timer);
    await this.look();
    const { length } = this.hits;
    if (length === 0) return;
    this.at = (Math.max(this.at, way < 0 ? 0 : -1) + way + length) % length;
    this.tell();
    const [, ms] = this.hits[this.at];
    const detail = { seconds: ms / 1000, play: false };
    document.dispatchEvent(new CustomEvent("seek", { detail }));
    this.paint();
    this.page.querySelector("call-transcript").goTo(ms);
  }

  // The words that were found, in the lines that are there.
  paint() {
    if (this.painted)
      for (const word of this.page.querySelectorAll(".hit"))
        word.classList.remove("hit", "hit-here");
    this.painted = this.hits.length > 0;
    if (!this.painted) return;
    const lines = linesByPerson(this.page);
    for (const [n, [person, start, end]] of this.hits.entries())
      for (const word of wordsOf(lines.get(person) ?? [], start, end)) {
        word.classList.add("hit");
        word.classList.toggle("hit-here", n === this.at);
      }
  }
}

// {person: [{line, start, end}, ...]}, times in ms
function linesByPerson(page) {
  const people = new Map();
  for (const line of page.querySelectorAll(".line")) {
    const { person, start, end } = line.dataset;
    const said = people.get(Number(person)) ?? [];
    said.push({ line, start: Number(start), end: Number(end) });
    people.set(Number(person), said);
  }
  return people;
}

function wordsOf(said, from, to) {
  return said
    .filter(({ start, end }) => start <= to && end >= from)
    .flatMap(({ line }) => [...line.querySelectorAll("p [data-word]")])
    .filter(({ dataset }) => dataset.word >= from && dataset.word <= to);
}

customElements.define("call-find", CallFind);

// <call-transcript>: marks the word being spoken, plays from a click, follows the clock
// without taking the scroll from the reader, takes changed lines in place, and is copied
// as clean text.
import { hashAt, indexAt, secondsIn } from "./clock.js";
import { asText, goesOn } from "./turns.js";

const NEAR = 0.4; // where the spoken line is put, as a share of the window's height
const GAP = 24; // pixels between what covers the page and the spoken line
const SCROLL_SLACK = 3; // pixels between where we scrolled and where we are

class CallTranscript extends HTMLElement {
  connectedCallback() {
    this.list = this.querySelector("ol");
    this.button = this.querySelector("[data-follow]");
    this.following = true;
    this.scrolledTo = null;
    this.read();
    this.addEventListener("click", (event) => this.clicked(event));
    document.addEventListener("copy", (event) => this.copied(event));
    this.addEventListener("htmx:afterSettle", () => this.read());
    this.button.addEventListener("click", () => this.follow(true));
    document.addEventListener("clock", ({ detail }) => this.show(detail));
    document.addEventListener("scroll", () => this.scrolled(), { passive: true });
  }

  // Take the words of the lines that are there, in order of time.
  read() {
    this.nameTurns();
    const words = [...this.list.querySelectorAll("[data-word]")];
    const timed = words.map((word) => [Number(word.dataset.word), word]);
    timed.sort((one, other) => one[0] - other[0]);
    this.starts = timed.map(([start]) => start);
    this.words = timed.map(([, word]) => word);
    this.querySelector("[data-empty]").hidden = words.length > 0;
    this.current = this.list.querySelector("[aria-current]");
    this.dispatchEvent(new CustomEvent("lines", { bubbles: true }));
  }

  // One name above the lines of a turn; neighbours change when lines do.
  nameTurns() {
    let before = null;
    for (const line of this.list.querySelectorAll(".line")) {
      const own = {
        person: line.dataset.person,
        column: /column-\d/.exec(line.className)?.[0],
      };
      line.classList.toggle("goes-on", goesOn(before, own));
      before = own;
    }
  }

  show({ ms, playing }) {
    this.ms = ms;
    this.playing = playing;
    this.loadPartAt(ms);
    const word = this.words[indexAt(this.starts, ms)] ?? null;
    if (word !== this.current) {
      this.current?.removeAttribute("aria-current");
      word?.setAttribute("aria-current", "true");
      this.current = word;
      if (this.following) this.reveal();
    }
    this.button.hidden = this.following || !playing;
  }

  loadPartAt(ms) {
    const part = this.list.querySelector(".part:not([data-asked])");
    if (!part || Number(part.dataset.start) > ms) return;
    part.dataset.asked = "";
    part.firstElementChild.dispatchEvent(new Event("load-part"));
  }

  // -- the reader's scroll

  follow(on) {
    this.following = on;
    this.button.hidden = on || !this.playing;
    if (on) this.reveal();
  }

  reveal() {
    const line = this.current?.closest(".line");
    if (!line) return;
    const { top, bottom } = line.getBoundingClientRect();
    const ceiling = this.covered();
    if (top >= ceiling && bottom <= innerHeight * 0.7) return;
    this.scrollBy(top - Math.max(innerHeight * NEAR, ceiling + GAP));
  }

  // Pixels at the top of the window that the bar and the player cover.
  covered() {
    const covers = [
      ...document.querySelectorAll("header.bar, review-player, .transport"),
    ];
    const stuck = covers.filter(
      (cover) => getComputedStyle(cover).position === "sticky",
    );
    return Math.max(0, ...stuck.map((cover) => cover.getBoundingClientRect().bottom));
  }

  scrollBy(pixels) {
    if (Math.abs(pixels) < 1) return;
    window.scrollBy({ top: pixels, behavior: "instant" });
    this.scrolledTo = scrollY;
  }

  scrolled() {
    if (this.scrolledTo !== null && Math.abs(scrollY - this.scrolledTo) <= SCROLL_SLACK)
      return;
    this.scrolledTo = null;
    if (this.playing && this.following) this.follow(false);
  }

  // -- clicks

  clicked(event) {
    const line = event.target.closest(".line, .removed");
    if (!line) return;
    const word = event.target.closest("[data-word]");
    const anchor = event.target.closest("a.at");
    const copy = event.target.closest("[data-copy]");
    if (copy) this.copy(copy, line);
    else if (anchor) this.seek(event, secondsIn(anchor.hash));
    else if (word && getSelection().isCollapsed)
      this.seek(event, Number(word.dataset.word) / 1000);
  }

  seek(event, seconds) {
    event.preventDefault();
    this.follow(true);
    history.replaceState(null, "", hashAt(seconds));
    const detail = { seconds, play: true };
    document.dispatchEvent(new CustomEvent("seek", { detail }));
  }

  copy(button, line) {
    const hash = line.querySelector("a.at").hash;
    this.dispatchEvent(
      new CustomEvent("copy-link", { bubbles: true, detail: { button, hash } }),
    );
  }

  // A selection within one line is copied as it is, a longer one as "Name 12:07 text":
  // also where it takes in the whole page.
  copied(event) {
    const selection = getSelection();
    const chosen = selection.isCollapsed ? null : selection.getRangeAt(0);
    if (!chosen?.intersectsNode(this.list) || isWithinLine(chosen)) return;
    const lines = [...this.list.querySelectorAll(".line")]
      .filter((line) => chosen.intersectsNode(line))
      .map((line) => partOf(line, chosen))
      .filter(({ text }) => text);
    if (lines.length === 0) return;
    event.clipboardData.setData("text/plain", asText(lines));
    event.preventDefault();
  }

  // -- lines that change under the reader

  // `html`: the lines that changed; `removed`: ids of those that are no more.
  change(html, removed) {
    this.holdStill(() => {
      for (const id of removed) this.lineOf(id)?.remove();
      const template = document.createElement("template");
      template.innerHTML = html;
      for (const line of [...template.content.querySelectorAll(".line")])
        this.place(line);
    });
  }

  // `html`: all lines anew, for a page that missed too much.
  replace(html) {
    this.holdStill(() => {
      this.list.innerHTML = html;
      globalThis.htmx?.process(this.list);
    });
  }

  lineOf(id) {
    return this.list.querySelector(`#line-${Number(id)}`);
  }

  place(line) {
    const old = this.list.querySelector(`#${line.id}`);
    if (old?.dataset.start === line.dataset.start) {
      old.replaceWith(line);
      return;
    }
    old?.remove();
    const start = Number(line.dataset.start);
    const next = [...this.list.children].find(
      (other) => Number(other.dataset.start) > start,
    );
    // Beyond the part that is loaded: it comes with its part.
    if (!next && this.list.querySelector(".part")) return;
    if (next?.matches(".part")) return;
    this.list.insertBefore(line, next ?? null);
  }

  // Do `work` on the lines and keep the line that is being read where it is.
  holdStill(work) {
    const ceiling = this.covered();
    const read = [...this.list.children].find(
      (line) => line.getBoundingClientRect().bottom > ceiling,
    );
    const before = read?.getBoundingClientRect().top ?? 0;
    work();
    this.read();
    const same =
      read &&
      (read.isConnected ? read : this.list.querySelector(`#${read.id || "none"}`));
    if (same && this.getBoundingClientRect().top < ceiling)
      this.scrollBy(same.getBoundingClientRect().top - before);
    if (this.ms !== undefined) this.show({ ms: this.ms, playing: this.playing });
  }
}

function isWithinLine({ commonAncestorContainer: node }) {
  return Boolean((node.closest ? node : node.parentElement).closest(".line p"));
}

// What a range holds of a line's text.
function partOf(line, chosen) {
  const part = document.createRange();
  part.selectNodeContents(line.querySelector("p"));
  if (chosen.compareBoundaryPoints(Range.START_TO_START, part) > 0)
    part.setStart(chosen.startContainer, chosen.startOffset);
  if (chosen.compareBoundaryPoints(Range.END_TO_END, part) < 0)
    part.setEnd(chosen.endContainer, chosen.endOffset);
  return {
    person: line.dataset.person,
    name: line.querySelector(".speaker").textContent,
    at: line.querySelector(".at").textContent,
    text: part.toString().trim(),
  };
}

customElements.define("call-transcript", CallTranscript);

// <call-transcript>: marks the word being spoken, plays from a click, follows the clock
// without taking the scroll from the reader, takes changed lines in place, and is copied
// as clean text.
import { getHtml } from "../site/post.js";
import { hashAt, indexAt, secondsIn } from "./clock.js";
import { asText, goesOn } from "./turns.js";

const NEAR = 0.4; // where the spoken line is put, as a share of the window's height
const GAP = 24; // pixels between what covers the page and the spoken line
const NEARLY = { rootMargin: "1500px" }; // of the window, when more lines are asked for
const FILLED = 3000; // lines that are fetched unasked: those of two hours
const LONGEST_PAUSE = 30_000; // ms between two tries to get lines that did not come
const SCROLL_SLACK = 3; // pixels between where we scrolled and where we are

class CallTranscript extends HTMLElement {
  connectedCallback() {
    this.list = this.querySelector("ol");
    this.button = this.querySelector("[data-follow]");
    this.following = true;
    this.scrolledTo = null;
    this.near = new IntersectionObserver((entries) => {
      for (const { isIntersecting, target } of entries)
        if (isIntersecting) this.load(target);
    }, NEARLY);
    this.read();
    this.addEventListener("click", (event) => this.clicked(event));
    document.addEventListener("copy", (event) => this.copied(event));
    this.button.addEventListener("click", () => this.follow(true));
    document.addEventListener("clock", ({ detail }) => this.show(detail));
    document.addEventListener("scroll", () => this.scrolled(), { passive: true });
  }

  // Take the words of the lines that are there, in order of time. `changed`: they say
  // something else than before, and are not only more.
  read(changed = false) {
    this.nameTurns();
    const words = [...this.list.querySelectorAll("p [data-word]")];
    const timed = words.map((word) => [Number(word.dataset.word), word]);
    timed.sort((one, other) => one[0] - other[0]);
    this.starts = timed.map(([start]) => start);
    this.words = timed.map(([, word]) => word);
    this.querySelector("[data-empty]").hidden = words.length > 0;
    this.current = this.list.querySelector("[aria-current]");
    this.reach();
    const detail = { changed };
    this.dispatchEvent(new CustomEvent("lines", { bubbles: true, detail }));
    this.fill();
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

  get part() {
    return this.list.querySelector(".part");
  }

  loadPartAt(ms) {
    if (this.part && Number(this.part.dataset.start) <= ms) this.load(this.part);
  }

  // A call of usual length is there as a whole soon; of a longer one, what is come near.
  fill() {
    const { part } = this;
    if (!part) return;
    this.near.observe(part);
    if (this.list.childElementCount < FILLED) whenIdle(() => this.load(part));
  }

  // The lines of a part take its place.
  async load(part) {
    if (part.dataset.asked || !part.isConnected) return;
    part.dataset.asked = "1";
    const html = await getHtml(part.dataset.src);
    delete part.dataset.asked;
    if (!part.isConnected) return;
    if (html === null) return this.loadLater(part);
    const template = document.createElement("template");
    template.innerHTML = html;
    part.replaceWith(template.content);
    this.read();
  }

  // A server that is busy is asked again by and by; the part's button asks at once.
  loadLater(part) {
    part.tries = (part.tries ?? 0) + 1;
    const pause = Math.min(LONGEST_PAUSE, 500 * 2 ** part.tries);
    setTimeout(() => this.load(part), pause);
  }

  // Show the line of this moment, wherever it is: parts come one after the other.
  goTo(ms) {
    this.aim = ms;
    this.follow(true);
    this.reach();
  }

  reach() {
    if (this.aim === undefined) return;
    const { part } = this;
    if (part && Number(part.dataset.start) <= this.aim)
      return this.loadPartAt(this.aim);
    const line = this.words[indexAt(this.starts, this.aim)]?.closest(".line");
    this.aim = undefined;
    if (line) this.bring(line);
  }

  // -- the reader's scroll

  follow(on) {
    this.following = on;
    this.button.hidden = on || !this.playing;
    if (on) this.reveal();
  }

  reveal() {
    const line = this.current?.closest(".line");
    if (line) this.bring(line);
  }

  bring(line) {
    const { top, bottom } = line.getBoundingClientRect();
    const ceiling = this.covered();
    if (top >= ceiling && bottom <= innerHeight * 0.7) return;
    this.scrollBy(top - Math.max(innerHeight * NEAR, ceiling + GAP));
  }

  // Pixels at the top of the window that the bar and the player cover.
  covered() {
    const covers = [
      ...document.querySelectorAll("header.bar, review-player, .transport, call-find"),
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
    const part = event.target.closest(".part");
    if (part) return void this.load(part);
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
      for (const id of removed) this.remove(this.lineOf(id));
      const template = document.createElement("template");
      template.innerHTML = html;
      for (const line of [...template.content.querySelectorAll(".line")])
        this.place(line);
    });
  }

  // `html`: all lines anew, for a page that missed too much.
  replace(html) {
    if (this.list.querySelector(".editing")) return void (this.missed = html);
    this.missed = null;
    this.holdStill(() => (this.list.innerHTML = html));
  }

  lineOf(id) {
    return this.list.querySelector(`#line-${Number(id)}`);
  }

  // A line that was being written over takes what came for it meanwhile.
  release(line) {
    const { fresh } = line;
    delete line.fresh;
    if (this.missed) this.replace(this.missed);
    else if (fresh === null) this.holdStill(() => line.remove());
    else if (fresh) this.holdStill(() => this.place(fresh));
  }

  remove(line) {
    if (line?.classList.contains("editing")) line.fresh = null;
    else line?.remove();
  }

  place(line) {
    const old = this.list.querySelector(`#${line.id}`);
    if (old?.classList.contains("editing")) {
      old.fresh = line;
      return;
    }
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
    this.read(true);
    const same =
      read &&
      (read.isConnected ? read : this.list.querySelector(`#${read.id || "none"}`));
    if (same && this.getBoundingClientRect().top < ceiling)
      this.scrollBy(same.getBoundingClientRect().top - before);
    if (this.ms !== undefined) this.show({ ms: this.ms, playing: this.playing });
  }
}

function whenIdle(does) {
  if (globalThis.requestIdleCallback) requestIdleCallback(does, { timeout: 2000 });
  else setTimeout(does, 200);
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

// <lane-marks src>: rows of moments below the lanes, fetched once the page stands; what is
// found in the call stands there, too ("found" events: [ms, ...]).
import { get } from "../site/post.js";
import { clockText } from "../site/clock.js";
import { isForThePage } from "./keys.js";
import { gathered, nearest } from "./mark-places.js";

const PAUSE = 2000; // ms in which changes of lines are collected

class LaneMarks extends HTMLElement {
  connectedCallback() {
    this.durationMs = Number(this.closest("review-player").getAttribute("duration-ms"));
    this.marks = [];
    this.stop = new AbortController();
    const { signal } = this.stop;
    const later = ({ detail }) => {
      if (!detail.changed) return;
      clearTimeout(this.timer);
      this.timer = setTimeout(() => this.load(), PAUSE);
    };
    this.closest("call-page").addEventListener("lines", later, { signal });
    document.addEventListener("bookmarked", () => this.load(), { signal });
    document.addEventListener("found", ({ detail }) => this.find(detail), { signal });
    document.addEventListener("clock", ({ detail }) => (this.ms = detail.ms), {
      signal,
    });
    document.addEventListener("keydown", (event) => this.pressed(event), { signal });
    this.addEventListener("click", (event) => this.clicked(event));
    this.load();
  }

  disconnectedCallback() {
    clearTimeout(this.timer);
    this.stop.abort();
  }

  async load() {
    const told = await get(this.getAttribute("src")).catch(() => null);
    if (!told || !this.isConnected) return; // the lanes stand without them
    this.marks = told.marks;
    const rows = told.rows.map(([kind, name]) => this.row(kind, name));
    this.replaceChildren(...rows.filter(Boolean));
    this.find(this.found ?? []);
    document.dispatchEvent(new CustomEvent("marks", { detail: this.marks }));
  }

  row(kind, name) {
    const of = this.marks.filter(([one]) => one === kind);
    return of.length ? drawn(kind, name, of, this.durationMs) : null;
  }

  find(moments) {
    this.found = moments;
    this.querySelector("[data-kind=found]")?.remove();
    if (moments.length === 0) return;
    const marks = moments.map((ms) => ["found", ms, clockText(ms), hrefOf(ms)]);
    this.append(drawn("found", "Found", marks, this.durationMs));
  }

  clicked(event) {
    const at = event.target.closest("a");
    if (!at) return;
    event.preventDefault();
    this.go(Number(at.dataset.ms), true);
  }

  // N and P: the next mark, or the one before.
  pressed(event) {
    const way = { n: 1, p: -1 }[event.key.toLowerCase()];
    if (!way || !isForThePage(event)) return;
    const ms = nearest(this.marks, this.ms ?? 0, way);
    if (ms !== null) this.go(ms, false);
  }

  go(ms, play) {
    const detail = { seconds: ms / 1000, play };
    document.dispatchEvent(new CustomEvent("seek", { detail }));
  }
}

function hrefOf(ms) {
  return `#t=${(ms / 1000).toFixed(1)}`;
}

function drawn(kind, name, marks, durationMs) {
  const row = document.createElement("div");
  const title = document.createElement("span");
  const count = document.createElement("small");
  const track = document.createElement("div");
  row.className = `mark-row mark-${kind}`;
  row.dataset.kind = kind;
  count.textContent = marks.length;
  title.append(`${name} `, count);
  track.setAttribute("role", "group");
  track.setAttribute("aria-label", name);
  track.append(...gathered(marks, durationMs).map(link));
  row.append(title, track);
  return row;
}

function link({ left, ms, labels, href }) {
  const made = document.createElement("a");
  const more = labels.length > 1 ? ` and ${labels.length - 1} more here` : "";
  made.href = href;
  made.dataset.ms = ms;
  made.tabIndex = -1; // N and P lead there; hundreds of them would be in the way
  made.title = labels[0] + more;
  made.setAttribute("aria-label", made.title);
  made.style.left = `${left}%`;
  return made;
}

customElements.define("lane-marks", LaneMarks);

// <meeting-list src>: keeps the list true with one request for all its rows, and puts
// days above them.
import { request } from "../site/post.js";
import { showLocalTimes } from "../site/times.js";
import "./call-settings.js";
import { headings } from "./list-days.js";

const EVERY = 3000; // milliseconds, while something moves

class MeetingList extends HTMLElement {
  connectedCallback() {
    this.known = new Map(); // id of a row -> its HTML as it came
    this.stop = new AbortController();
    const on = (target, event, does) =>
      target.addEventListener(event, does, { signal: this.stop.signal });
    on(window, "pageshow", (event) => event.persisted && this.refresh());
    on(document, "visibilitychange", () => document.hidden || this.refresh());
    on(document, "call-changed", () => this.refresh());
    this.timer = setInterval(() => this.moves && this.refresh(), EVERY);
    this.group();
    const [entry] = performance.getEntriesByType("navigation");
    if (entry?.type === "back_forward") this.refresh();
  }

  disconnectedCallback() {
    this.stop.abort();
    clearInterval(this.timer);
  }

  get list() {
    return this.querySelector(".meetings");
  }

  get moves() {
    return !document.hidden && "moves" in this.list.dataset;
  }

  async refresh() {
    const answer = await request(this.getAttribute("src")).catch(() => null);
    if (answer?.redirected) location.reload(); // signed out meanwhile
    const html = answer?.ok ? await answer.text().catch(() => null) : null;
    if (html === null) return; // the next one tells
    const template = document.createElement("template");
    template.innerHTML = html;
    this.take(template.content.querySelector(".meetings"));
  }

  take(fresh) {
    const focused = document.activeElement;
    this.list.toggleAttribute("data-moves", "moves" in fresh.dataset);
    for (const day of this.list.querySelectorAll(".day")) day.remove();
    const rows = [...fresh.querySelectorAll(".meeting")].map((row) => this.row(row));
    for (const old of [...this.list.children]) if (!rows.includes(old)) old.remove();
    rows.forEach((row, at) => {
      if (this.list.children[at] !== row)
        this.list.insertBefore(row, this.list.children[at] ?? null);
    });
    this.group();
    if (focused && !focused.isConnected && focused.id)
      this.querySelector(`#${focused.id}`)?.focus();
  }

  // The row that stands already, when it says the same or its menu is open.
  row(fresh) {
    const old = this.list.querySelector(`#${fresh.id}`);
    const isUsed = old?.querySelector("[open]");
    const same = this.known.get(fresh.id) === fresh.outerHTML;
    if (old && (isUsed || same)) return old;
    this.known.set(fresh.id, fresh.outerHTML);
    const row = document.importNode(fresh, true);
    showLocalTimes(row);
    return row;
  }

  group() {
    const rows = [...this.list.querySelectorAll(".meeting")];
    const moments = rows.map((row) =>
      "now" in row.dataset ? null : new Date(row.querySelector("time").dateTime),
    );
    headings(moments, new Date()).forEach((text, at) => {
      if (text) this.list.insertBefore(heading(text), rows[at]);
    });
  }
}

function heading(text) {
  const item = document.createElement("li");
  item.className = "day";
  const title = document.createElement("h2");
  title.textContent = text;
  item.append(title);
  return item;
}

customElements.define("meeting-list", MeetingList);

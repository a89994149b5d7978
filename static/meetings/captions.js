// Captions on the page: the panel that follows, the strip over the stage, what is read out.
import { clockText } from "../site/clock.js";
import { CLOSED, Socket } from "../site/socket.js";
import { CaptionLines, inOrder, textOf } from "./caption-lines.js";

const NEAR = 40; // px from the end that still count as "at the end"

export class Captions {
  #lines = new CaptionLines();
  #items = new Map(); // utterance id -> <li>
  #page;
  #following = true;
  #usual; // what the empty panel says
  #socket = null;

  // `page`: the elements list, template, jump, empty, strip, latency, announce
  constructor(page) {
    this.#page = page;
    page.list.addEventListener("scroll", () => this.#scrolled());
    page.jump.addEventListener("click", () => this.#jump());
    new ResizeObserver(() => this.#following && this.#toEnd()).observe(page.list);
    setInterval(() => this.#showStrip(), 500);
  }

  // Read on from the last line there is, on a new socket: one whose network went away may
  // look open for minutes. It is opened again by itself, until `stop`.
  follow(url) {
    this.stop();
    const socket = new Socket(() => `${url}?since=${this.#lines.seq}`);
    this.#socket = socket;
    socket.addEventListener("message", ({ detail }) => this.#hear(detail));
    socket.addEventListener("lost", ({ code }) => {
      if (code === CLOSED.FULL) this.#greet({ note: "Too many people read along." });
    });
    socket.open();
  }

  stop() {
    this.#socket?.close();
    this.#socket = null;
  }

  #hear(message) {
    if (message.type === "hello") this.#greet(message);
    if (message.type !== "caption") return;
    message.seenAt = performance.now();
    const change = this.#lines.apply(message);
    if (!change) return;
    if (change === "removed") this.#drop(message.id);
    else this.#show(message);
    this.#showStrip();
    this.#showLatency(message);
  }

  // Where there is no model, the empty panel says so.
  #greet({ note }) {
    this.#usual ??= this.#page.empty.textContent;
    this.#page.empty.textContent = note || this.#usual;
  }

  #show(line) {
    const item = this.#items.get(line.id) ?? this.#insert(line);
    fill(item, line);
    this.#page.empty.hidden = true;
    if (line.final) this.#announce(line);
    if (this.#following) this.#toEnd();
  }

  #insert(line) {
    const item = this.#page.template.content.firstElementChild.cloneNode(true);
    item.line = line;
    this.#items.set(line.id, item);
    const later = [...this.#page.list.children].reverse();
    const before = later.find((other) => inOrder(other.line, line) < 0);
    if (before) before.after(item);
    else this.#page.list.prepend(item);
    return item;
  }

  #drop(id) {
    this.#items.get(id)?.remove();
    this.#items.delete(id);
    this.#page.empty.hidden = this.#items.size > 0;
  }

  #showStrip() {
    const rows = this.#lines.strip(performance.now()).map((line) => {
      const row = document.createElement("p");
      row.className = `hue-${line.colour}`;
      const name = document.createElement("b");
      name.textContent = line.name;
      const words = document.createElement("span");
      words.className = "words";
      const text = document.createElement("span");
      text.append(...said(line));
      words.append(text);
      row.append(name, words);
      return row;
    });
    this.#page.strip.replaceChildren(...rows);
  }

  // How quick, and by which version of the tuning
  #showLatency({ latency_ms: latency, version }) {
    if (!latency) return;
    const tuning = version ? ` · v${version}` : "";
    this.#page.latency.textContent = `live ${Math.round(latency)} ms${tuning}`;
  }

  // Finished lines only: words that still change would be read out again and again.
  #announce({ name, stable }) {
    this.#page.announce.textContent = `${name}: ${stable}`;
  }

  #scrolled() {
    const { scrollHeight, scrollTop, clientHeight } = this.#page.list;
    if (!clientHeight) return; // behind the other tab
    this.#following = scrollHeight - scrollTop - clientHeight < NEAR;
    this.#page.jump.hidden = this.#following;
  }

  #jump() {
    this.#toEnd();
    this.#page.list.focus();
  }

  #toEnd() {
    this.#page.list.scrollTop = this.#page.list.scrollHeight;
  }
}

function fill(item, line) {
  item.line = line;
  item.className = `line hue-${line.colour}`;
  item.classList.toggle("final", line.final);
  item.querySelector("time").textContent = clockText(line.start_ms);
  item.querySelector("b").textContent = line.name;
  item.querySelector(".said").replaceChildren(...said(line));
}

// What stands, and what may still change
function said(line) {
  if (line.final) return [textOf(line)];
  const interim = document.createElement("span");
  interim.className = "interim";
  interim.textContent = line.interim;
  return line.stable ? [line.stable, " ", interim] : [interim];
}

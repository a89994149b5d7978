// The chat on the page: what was written, a box to write in, and marks of what is unread.
import { clockText } from "../site/clock.js";
import { ChatLog, partsOf } from "./chat-log.js";

const NEAR = 40; // px from the end that still count as "at the end"
const ANSWER_WAIT = 10_000; // ms
const NO_ANSWER = "Not sent: the server did not answer.";
const LOST = "Not sent: the connection was lost.";

export class Chat {
  #log;
  #page;
  #call;
  #me;
  #shown = false;
  #live = false;
  #items = new Map(); // id or key -> <li>
  #lastRead; // id; behind it messages are unread
  #store; // key of sessionStorage: a reload reads nothing anew

  // `page`: the elements section, list, empty, form, said, announce and template
  constructor({ page, call, me, code }) {
    [this.#page, this.#call, this.#me] = [page, call, me];
    this.#log = new ChatLog(me);
    this.#store = `earshot.chat.${code}`;
    this.#lastRead = Number(sessionStorage.getItem(this.#store) ?? 0);
    call.addEventListener("state", ({ detail }) => this.#connected(detail));
    call.addEventListener("chat", ({ detail }) => this.#hear([detail], false));
    call.addEventListener("chat_so_far", ({ detail }) =>
      this.#hear(detail.messages, true),
    );
    call.addEventListener("unsaid", ({ detail }) =>
      this.#failed(detail.key, `Not sent: ${detail.detail}`),
    );
    page.form.addEventListener("submit", (event) => this.#submit(event));
    page.form.addEventListener("keydown", (event) => this.#pressed(event));
    page.list.addEventListener("click", ({ target }) => this.#clicked(target));
  }

  // Whether the chat is what the panel shows
  show(shown) {
    this.#shown = shown;
    if (shown) this.#toEnd();
    this.#mark();
  }

  // -- what comes

  #connected(state) {
    this.#live = state === "live";
    if (this.#live) this.#call.readChat(this.#log.readTo);
    else this.#log.failAll(LOST);
    this.#draw();
  }

  #hear(messages, all) {
    const atEnd = this.#isAtEnd;
    const fresh = all
      ? this.#log.takeSoFar(messages)
      : messages.filter((message) => this.#log.take(message));
    this.#draw();
    if (atEnd) this.#toEnd();
    if (!all) fresh.forEach((message) => this.#announce(message));
    this.#mark();
  }

  #announce({ participant, name, text }) {
    if (participant === this.#me) return;
    this.#page.announce.textContent = `${name} writes: ${text}`;
  }

  // -- what we say

  #pressed(event) {
    const sends = event.key === "Enter" && !event.shiftKey && !event.isComposing;
    if (!sends || !event.target.matches("textarea")) return;
    event.preventDefault();
    this.#page.form.requestSubmit();
  }

  #submit(event) {
    event.preventDefault();
    const box = this.#page.form.querySelector("textarea");
    const text = box.value.trim();
    if (!text) return;
    box.value = "";
    this.#say(crypto.randomUUID(), text);
    this.#toEnd();
    box.focus();
  }

  // The key stays when it is sent again: the server keeps it once.
  #say(key, text) {
    this.#log.say(key, text);
    if (this.#live) this.#call.write(key, text);
    else this.#log.fail(key, LOST);
    setTimeout(() => this.#timedOut(key), ANSWER_WAIT);
    this.#draw();
  }

  #timedOut(key) {
    const said = this.#log.own.find((one) => one.key === key);
    if (said && !said.why) this.#failed(key, NO_ANSWER);
  }

  #failed(key, why) {
    if (!this.#log.fail(key, why)) return;
    this.#page.announce.textContent = why;
    this.#draw();
    this.#toEnd();
  }

  #clicked(target) {
    const { key } = target.closest("[data-key]")?.dataset ?? {};
    const said = this.#log.own.find((one) => one.key === key);
    if (!said) return;
    if (target.closest("[data-send-again]")) this.#say(key, said.text);
    if (target.closest("[data-drop]")) this.#drop(key);
  }

  #drop(key) {
    this.#log.forget(key);
    this.#draw();
    this.#page.form.querySelector("textarea").focus();
  }

  // -- what is drawn

  #draw() {
    const kept = this.#log.kept.map((message) => [String(message.id), message]);
    const own = this.#log.own.map((message) => [message.key, message]);
    const wanted = new Map([...kept, ...own]);
    for (const [name, item] of this.#items) if (!wanted.has(name)) item.remove();
    const items = [...wanted].map(([name, message]) => this.#item(name, message));
    this.#items = new Map([...wanted.keys()].map((name, n) => [name, items[n]]));
    items.forEach((item, n) => this.#put(item, n));
    this.#page.empty.hidden = items.length > 0;
  }

  // What stands where it belongs is not moved: a selection in it would go.
  #put(item, n) {
    const there = this.#page.list.children[n];
    if (there !== item) this.#page.list.insertBefore(item, there ?? null);
  }

  #item(name, message) {
    const item = this.#items.get(name) ?? this.#make(message);
    const unsent = item.querySelector("[data-unsent]");
    const why = message.why ?? "";
    item.classList.toggle("on-its-way", message.why === "");
    unsent.hidden = !why;
    unsent.querySelector("[data-why]").textContent = why;
    return item;
  }

  #make(message) {
    const item = this.#page.template.content.firstElementChild.cloneNode(true);
    const { colour, name, at_ms: at, text, key, id } = message;
    if (id) item.classList.add(`hue-${colour}`);
    else item.dataset.key = key;
    const mine = !id || message.participant === this.#me;
    item.querySelector("b").textContent = mine ? "You" : name;
    item.querySelector("time").textContent = id ? clockText(at) : "";
    item.querySelector("[data-text]").append(...partsOf(text).map(piece));
    return item;
  }

  #mark() {
    if (this.#shown) this.#readAll();
    const count = this.#log.unread(this.#lastRead);
    for (const mark of document.querySelectorAll("[data-unread]")) {
      mark.hidden = !count;
      mark.querySelector("[data-count]").textContent = count;
    }
  }

  #readAll() {
    this.#lastRead = this.#log.kept.at(-1)?.id ?? this.#lastRead;
    sessionStorage.setItem(this.#store, this.#lastRead);
  }

  get #isAtEnd() {
    const { scrollHeight, scrollTop, clientHeight } = this.#page.list;
    return scrollHeight - scrollTop - clientHeight < NEAR;
  }

  #toEnd() {
    this.#page.list.scrollTop = this.#page.list.scrollHeight;
  }
}

function piece({ text, href }) {
  if (!href) return text;
  const link = document.createElement("a");
  Object.assign(link, { href, target: "_blank", rel: "noopener noreferrer nofollow" });
  link.textContent = text;
  return link;
}

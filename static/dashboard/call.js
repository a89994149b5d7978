// <call-page>: keeps the page true while jobs and other people change the call.
import { getHtml, request } from "../site/post.js";
import { CLOSED, Socket, addressOf } from "../site/socket.js";
import "../site/tabs.js";
import "./brief-lines.js";
import "./call-bookmark.js";
import "./call-find.js";
import "./call-history.js";
import "./call-keys.js";
import "./call-settings.js";
import "./call-title.js";
import { hashAt, secondsIn } from "./clock.js";
import "./corrections.js";
import "./lane-marks.js";
import "./panel-part.js";
import "./person-form.js";
import "./removed-lines.js";
import "./review-player.js";
import "./skip-buttons.js";
import "./transcript.js";
import "./written-draft.js";
import { remember, shown, textOf } from "./work.js";

const PAUSE = 250; // milliseconds in which changes are collected
const COPIED = 1500; // milliseconds
const ANSWERED = 5000; // ms in which the server answers a form
const AT_ONCE = 300; // lines of a request
const WIDE = matchMedia("(min-width: 1200px)"); // the panel has a column of its own

class CallPage extends HTMLElement {
  connectedCallback() {
    this.jobs = new Map();
    this.changed = new Set();
    this.removed = new Set();
    this.work = this.querySelector("[data-work]");
    this.listen();
    this.addEventListener("copy-link", ({ detail }) => this.copyLink(detail));
    this.addEventListener("click", (event) => this.clicked(event));
    this.addEventListener("change", ({ target }) => this.giveUpFocus(target, "select"));
    document.addEventListener("pointerdown", () => (this.pointed = true));
    document.addEventListener("keydown", () => (this.pointed = false));
    this.addEventListener("renamed", ({ detail }) => this.nameTab(detail.name));
    WIDE.addEventListener("change", () => this.layOut());
    this.layOut();
  }

  disconnectedCallback() {
    this.socket.close();
  }

  // It ends when the call is deleted, or not for this reader any more.
  listen() {
    const address = addressOf(`/ws/calls/${this.getAttribute("code")}/`);
    this.socket = new Socket(() => address, { final: { [CLOSED.NO_RIGHT]: "gone" } });
    this.socket.addEventListener("message", ({ detail }) => this.hear(detail));
    this.socket.addEventListener("final", () => this.leave());
    window.addEventListener("beforeunload", () => (this.isLeaving = true));
    this.socket.open();
  }

  // Who deletes the call here is on the way already, to a page that says what became of it.
  leave() {
    setTimeout(() => location.replace("/"), this.isLeaving ? ANSWERED : 0);
  }

  get player() {
    return this.querySelector("review-player");
  }

  get panel() {
    return this.querySelector("[data-panel]");
  }

  layOut() {
    this.panel.open = WIDE.matches;
  }

  nameTab(name) {
    document.title = `${name} · Earshot`;
  }

  clicked(event) {
    this.retry(event);
    this.playFrom(event);
    const link = event.target.closest("[data-link]");
    if (link) this.copyLink({ button: link, hash: this.hashHere() });
    this.giveUpFocus(event.target);
  }

  // A message of the chat plays its second, also when it is there already.
  playFrom(event) {
    const at = event.target.closest("[data-written] a.at");
    if (!at) return;
    event.preventDefault();
    const detail = { seconds: secondsIn(at.hash), play: true };
    document.dispatchEvent(new CustomEvent("seek", { detail }));
  }

  // Who presses with a pointer wants Space for playing, not the same button again.
  giveUpFocus(target, kinds = "button, a, [type=checkbox]") {
    if (this.pointed) target.closest(kinds)?.blur();
  }

  // Where the reader is in the call; empty before there is anything to hear.
  hashHere() {
    const { audio } = this.player;
    return audio ? hashAt(audio.currentTime) : "";
  }

  hear(message) {
    const does = {
      hello: () => this.catchUp(message),
      job: () => this.tellOf(message.job),
      lines: () => this.collect(message),
      recording: () => this.refreshTop(),
      meeting: () => this.refreshTop(),
      brief: () => this.dispatchEvent(new Event("brief")),
    };
    does[message.type]?.();
  }

  catchUp({ lines, recording, jobs }) {
    this.jobs.clear();
    jobs.forEach((job) => remember(this.jobs, job));
    this.showWork();
    if (lines !== this.getAttribute("lines-rev")) this.refreshLines(lines);
    if (recording !== this.player.getAttribute("rev")) this.refreshTop();
  }

  // -- jobs

  tellOf(job) {
    remember(this.jobs, job);
    this.showWork();
    const written = job.kind === "second_pass" && job.state === "done";
    if (written || job.state === "failed") this.refreshTop();
  }

  showWork() {
    const parts = shown(this.jobs).map((job) => {
      const part = document.createElement("span");
      part.textContent = textOf(job);
      if (job.state === "failed") part.className = "error-text";
      if (job.state === "failed" && this.hasAttribute("retry"))
        part.append(" ", this.tryAgain(job));
      return part;
    });
    this.work.replaceChildren(...parts);
  }

  tryAgain(job) {
    const button = document.createElement("button");
    button.type = "button";
    button.dataset.retry = job.id;
    button.textContent = "Try again";
    return button;
  }

  async retry({ target }) {
    const button = target.closest("[data-retry]");
    if (!button) return;
    button.disabled = true;
    const path = this.getAttribute("retry").replace("/0/", `/${button.dataset.retry}/`);
    const answer = await request(path, { method: "POST", partial: true }).catch(
      () => null,
    );
    if (!answer?.ok) button.disabled = false;
  }

  // -- lines

  collect({ changed, removed }) {
    changed.forEach((id) => this.changed.add(id));
    removed.forEach((id) => this.removed.add(id));
    this.timer ??= setTimeout(() => this.takeLines(), PAUSE);
  }

  async takeLines() {
    this.timer = undefined;
    const removed = [...this.removed];
    const all = [...this.changed].filter((id) => !this.removed.has(id));
    const ids = all.slice(0, AT_ONCE);
    this.removed.clear();
    this.changed = new Set(all.slice(AT_ONCE));
    if (this.changed.size) this.timer = setTimeout(() => this.takeLines(), PAUSE);
    const html = ids.length
      ? await getHtml(`${this.getAttribute("lines")}?ids=${ids}`)
      : "";
    if (html === null) ids.forEach((id) => this.changed.add(id)); // with the next change
    this.querySelector("call-transcript").change(html ?? "", removed);
  }

  async refreshLines(rev) {
    const html = await getHtml(`${this.getAttribute("lines")}?part=0`);
    if (html === null) return;
    this.querySelector("call-transcript").replace(html);
    this.setAttribute("lines-rev", rev);
  }

  // -- head, player and lanes

  async refreshTop() {
    const html = await getHtml(this.getAttribute("top"));
    if (html === null) return;
    const template = document.createElement("template");
    template.innerHTML = html;
    const { name, withoutWords } =
      template.content.querySelector("[data-head]").dataset;
    this.nameTab(name);
    this.querySelector("[data-empty]").textContent = withoutWords;
    this.swap("[data-head]", template.content, isAtWork);
    this.swap("[data-people]", template.content, isTypedInto);
    this.swap("[data-written]", template.content);
    this.querySelectorAll("panel-part").forEach((part) => part.reload());
    this.nameSpeakers(template.content);
    if (this.isUsed(this.player)) this.swapLanes(template.content);
    else this.swap("review-player", template.content);
    globalThis.htmx?.process(this.querySelector("[data-top]"));
    this.dispatchEvent(new CustomEvent("htmx:load", { bubbles: true }));
  }

  // Somebody listens, or did: their place must not be lost.
  isUsed(player) {
    return Boolean(
      player.audio && (player.audio.currentTime > 0 || player.stems.apart),
    );
  }

  swap(selector, fresh, isKept = () => false) {
    const old = this.querySelector(selector);
    if (!isKept(old))
      old.replaceWith(document.importNode(fresh.querySelector(selector), true));
  }

  // Of who is there still; who is new has a lane, too, and who is gone has none.
  swapLanes(fresh) {
    const lanes = this.querySelector(".lanes");
    for (const lane of fresh.querySelectorAll(".lane")) {
      const old = lanes.querySelector(`#${lane.id} [data-track]`);
      const made = document.importNode(lane, true);
      if (old) old.replaceWith(made.querySelector("[data-track]"));
      else lanes.insertBefore(made, lanes.querySelector(".marks"));
    }
    for (const lane of lanes.querySelectorAll(".lane"))
      if (!fresh.querySelector(`#${lane.id}`)) lane.remove();
    this.swap("[data-strip]", fresh);
  }

  // Those who are called otherwise now, where they stand.
  nameSpeakers(fresh) {
    for (const lane of fresh.querySelectorAll(".lane")) {
      const { textContent } = lane.querySelector(".speaker");
      const lines = `.line[data-person="${lane.id.replace("lane-", "")}"]`;
      for (const one of this.querySelectorAll(`:is(${lines}, #${lane.id}) .speaker`))
        if (one.textContent !== textContent) one.textContent = textContent;
    }
  }

  // -- links

  async copyLink({ button, hash }) {
    const word = button.querySelector("[data-word]");
    const before = word.textContent;
    try {
      await navigator.clipboard.writeText(
        `${location.origin}${location.pathname}${hash}`,
      );
      word.textContent = "Copied";
    } catch {
      history.replaceState(null, "", hash);
      word.textContent = "Copy it from the address bar";
    }
    setTimeout(() => (word.textContent = before), COPIED);
  }
}

// The head is being used: the title typed into or just saved, the menu open.
function isAtWork(head) {
  return (
    head.contains(document.activeElement) ||
    Boolean(head.querySelector("[open], [data-said]:not(:empty)"))
  );
}

function isTypedInto(people) {
  const { activeElement } = document;
  return people.contains(activeElement) && activeElement.matches("input, select");
}

customElements.define("call-page", CallPage);

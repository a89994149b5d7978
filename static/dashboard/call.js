// <call-page>: keeps the page true while jobs and other people change the call.
import "./removed-lines.js";
import "./review-player.js";
import "./transcript.js";
import { LiveSocket } from "./live-socket.js";
import { remember, shown, textOf } from "./work.js";

const PAUSE = 250; // milliseconds in which changes are collected
const COPIED = 1500; // milliseconds

class CallPage extends HTMLElement {
  connectedCallback() {
    this.jobs = new Map();
    this.changed = new Set();
    this.removed = new Set();
    this.work = this.querySelector("[data-work]");
    this.socket = new LiveSocket(`/ws/calls/${this.getAttribute("code")}/`, (message) =>
      this.hear(message),
    );
    this.addEventListener("copy-link", ({ detail }) => this.copyLink(detail));
    this.addEventListener("click", (event) => this.retry(event));
  }

  disconnectedCallback() {
    this.socket.close();
  }

  get player() {
    return this.querySelector("review-player");
  }

  hear(message) {
    const does = {
      hello: () => this.catchUp(message),
      job: () => this.tellOf(message.job),
      lines: () => this.collect(message),
      recording: () => this.refreshTop(),
      meeting: () => this.refreshTop(),
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
    if (job.kind === "second_pass" && job.state === "done") this.refreshTop();
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
    const headers = {
      "HX-Request": "true",
      ...JSON.parse(document.body.getAttribute("hx-headers")),
    };
    const path = this.getAttribute("retry").replace("/0/", `/${button.dataset.retry}/`);
    const answer = await fetch(path, { method: "POST", headers }).catch(() => null);
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
    const ids = [...this.changed].filter((id) => !this.removed.has(id));
    this.removed.clear();
    this.changed.clear();
    const html = ids.length
      ? await this.fetch(`${this.getAttribute("lines")}?ids=${ids}`)
      : "";
    if (html === null) ids.forEach((id) => this.changed.add(id)); // with the next change
    this.querySelector("call-transcript").change(html ?? "", removed);
  }

  async refreshLines(rev) {
    const html = await this.fetch(`${this.getAttribute("lines")}?part=0`);
    if (html === null) return;
    this.querySelector("call-transcript").replace(html);
    this.setAttribute("lines-rev", rev);
  }

  async fetch(path) {
    const answer = await fetch(path).catch(() => null);
    return answer?.ok ? answer.text() : null;
  }

  // -- head, player and lanes

  async refreshTop() {
    const html = await this.fetch(this.getAttribute("top"));
    if (html === null) return;
    const template = document.createElement("template");
    template.innerHTML = html;
    this.swap("[data-head]", template.content, (old) =>
      old.contains(document.activeElement),
    );
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

  swapLanes(fresh) {
    for (const lane of this.querySelectorAll(".lane")) {
      const track = fresh.querySelector(`#${lane.id} [data-track]`);
      if (track)
        lane
          .querySelector("[data-track]")
          .replaceWith(document.importNode(track, true));
    }
  }

  // -- links

  async copyLink({ button, hash }) {
    const before = button.textContent;
    try {
      await navigator.clipboard.writeText(
        `${location.origin}${location.pathname}${hash}`,
      );
      button.textContent = "Copied";
    } catch {
      history.replaceState(null, "", hash);
      button.textContent = "Copy it from the address bar";
    }
    setTimeout(() => (button.textContent = before), COPIED);
  }
}

customElements.define("call-page", CallPage);

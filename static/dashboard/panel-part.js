// <panel-part src>: a part of a call's panel, fetched when it is to be seen and again
// after the words changed.
import { getHtml } from "../site/post.js";

const PAUSE = 2000; // ms in which changes are collected
const COPIED = 1500; // ms
const FAILED = "This could not be loaded.";

// Text, and the same with links and lists for who pastes it into a mail.
function write({ copyText, copyHtml }) {
  if (!copyHtml || !window.ClipboardItem)
    return navigator.clipboard.writeText(copyText);
  const kinds = { "text/plain": copyText, "text/html": copyHtml };
  const item = Object.entries(kinds).map(([type, text]) => [
    type,
    new Blob([text], { type }),
  ]);
  return navigator.clipboard.write([new ClipboardItem(Object.fromEntries(item))]);
}

class PanelPart extends HTMLElement {
  connectedCallback() {
    this.sheet = this.closest("details");
    this.sheet.addEventListener("toggle", () => this.loadOnce());
    this.addEventListener("shown", () => this.loadOnce());
    const page = this.closest("call-page");
    page.addEventListener("lines", ({ detail }) => detail.changed && this.reload());
    page.addEventListener("brief", () => this.reload());
    this.addEventListener("toggle", () => this.catchUp(), true); // does not bubble
    this.addEventListener("click", ({ target }) => this.clicked(target));
    this.loadOnce();
  }

  clicked(target) {
    if (target.closest("[data-again]")) this.load();
    const button = target.closest("[data-copy-text]");
    if (button) this.copy(button);
  }

  loadOnce() {
    if (this.sheet.open && !this.hidden && !this.asked) this.load();
  }

  reload() {
    if (!this.asked) return;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.load(), PAUSE);
  }

  // What somebody is typing stays under their hands; the news come after it.
  get isTypedIn() {
    return this.querySelector("[data-edit][open]") !== null;
  }

  catchUp() {
    if (this.late && !this.isTypedIn) this.load();
  }

  async load() {
    this.asked = true;
    this.late = this.isTypedIn;
    if (this.late) return;
    const html = await getHtml(this.getAttribute("src"));
    this.late = html !== null && this.isTypedIn;
    if (this.late) return;
    if (html !== null) this.put(html);
    else if (!this.querySelector("li")) this.offer();
  }

  // What is open stays open, and who is there with the keyboard stays.
  put(html) {
    const open = [...this.querySelectorAll("[open]")].map((one) => one.dataset.figure);
    const here = this.contains(document.activeElement) ? document.activeElement : null;
    const { figure } = here?.closest("[data-figure]")?.dataset ?? {};
    const { at } = here?.closest("[data-at]")?.dataset ?? {};
    this.innerHTML = html;
    if (at) this.querySelector(`[data-at="${CSS.escape(at)}"]`)?.focus();
    for (const one of this.querySelectorAll("[data-figure]")) {
      one.open = open.includes(one.dataset.figure);
      if (one.dataset.figure === figure) one.querySelector("summary").focus();
    }
  }

  offer() {
    const again = document.createElement("button");
    again.type = "button";
    again.dataset.again = "";
    again.textContent = "Try again";
    this.replaceChildren(FAILED, " ", again);
  }

  async copy(button) {
    const word = button.querySelector("[data-word]");
    const before = (button.dataset.word ??= word.textContent);
    try {
      await write(button.dataset);
      word.textContent = "Copied";
    } catch {
      word.textContent = "The browser does not let pages copy";
    }
    setTimeout(() => (word.textContent = before), COPIED);
  }
}

customElements.define("panel-part", PanelPart);

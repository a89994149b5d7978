// <call-sources data-url>: the dialog in which a host adds sources and sees how they are.
import "../site/copy-value.js";
import "./call-outlets.js";
import { get, post, request } from "../site/post.js";

const LOOK = 2000; // ms between two looks while the dialog is open
const LOST = "That did not reach the server. Try again.";
const NOTHING = { kind: "", address: "", token: "" };
const DONE = {
  stop: "It is stopped.",
  start: "It may send again.",
  remove: "It is removed.",
};

// What a row says of its source.
export function stateLine({ kind, label, reason }) {
  return [kind, label, reason].filter(Boolean).join(" · ");
}

// Where a change of one source is sent.
export function addressOf(url, id, change) {
  return `${url}${id}/${change}/`;
}

class CallSources extends HTMLElement {
  #timer;

  connectedCallback() {
    document.addEventListener("click", ({ target }) => {
      if (target.closest("[data-sources]")) this.#open();
    });
    this.addEventListener("click", (event) => this.#clicked(event));
    this.#dialog.addEventListener("close", () => this.#closed());
    const form = this.#part("add");
    form.addEventListener("submit", (event) => this.#add(event));
    form.elements.kind.addEventListener("change", () => this.#showFields());
    this.#showFields();
  }

  get #dialog() {
    return this.querySelector("dialog");
  }

  #part(name) {
    return this.querySelector(`[data-${name}]`);
  }

  #open() {
    if (this.#dialog.open) return;
    this.#dialog.showModal();
    this.#look();
    this.#timer = setInterval(() => this.#look(), LOOK);
  }

  #closed() {
    clearInterval(this.#timer);
    this.#say("");
    this.#showGiven(NOTHING);
  }

  async #look() {
    const told = await get(this.dataset.url).catch(() => null);
    if (told) this.#show(told.sources); // else what is there stays
  }

  // Rows stay while their sources do, so that nobody loses a button while pressing it.
  #show(sources) {
    const list = this.#part("list");
    const ids = new Set(sources.map(({ id }) => String(id)));
    for (const row of [...list.children])
      if (!ids.has(row.dataset.source)) row.remove();
    for (const source of sources) this.#fill(this.#rowOf(list, source), source);
    list.hidden = !sources.length;
  }

  #rowOf(list, { id }) {
    const there = list.querySelector(`[data-source="${id}"]`);
    if (there) return there;
    const row = this.querySelector("template").content.firstElementChild;
    const made = row.cloneNode(true);
    made.dataset.source = id;
    list.append(made);
    return made;
  }

  #fill(row, source) {
    row.dataset.state = source.state;
    row.querySelector(".source-name").textContent = source.name;
    row.querySelector(".source-state").textContent = stateLine(source);
    row.querySelector("[data-do=stop]").hidden = source.stopped;
    row.querySelector("[data-do=start]").hidden = !source.stopped;
    for (const button of row.querySelectorAll("button"))
      button.setAttribute("aria-label", `${button.textContent} ${source.name}`);
  }

  #clicked({ target }) {
    const button = target.closest("button");
    if (!button) return;
    if ("done" in button.dataset) this.#dialog.close();
    const { source } = button.closest("[data-source]")?.dataset ?? {};
    if (source) this.#change(source, button.dataset.do);
  }

  async #change(id, change) {
    const done = post(addressOf(this.dataset.url, id, change));
    this.#say(
      await done.then(
        () => DONE[change],
        () => LOST,
      ),
    );
    await this.#look();
  }

  async #add(event) {
    event.preventDefault();
    const form = event.target;
    const body = new URLSearchParams(new FormData(form));
    const button = form.querySelector(".primary");
    button.disabled = true; // one press, one source
    try {
      const answer = await request(this.dataset.url, { method: "POST", body });
      this.#added(form, answer.ok, await answer.json());
    } catch {
      this.#say(LOST);
    } finally {
      button.disabled = false;
    }
  }

  #added(form, ok, told) {
    this.#say(ok ? "" : told.error);
    if (!ok) return;
    form.reset();
    this.#showFields();
    this.#showGiven(told);
    this.#look();
  }

  // What the program is given: an address and a token, or an address with all in it.
  #showGiven({ kind, address, token }) {
    this.#part("address").value = token && address;
    this.#part("token").value = token;
    this.#part("caller").value = kind === "srt" ? address : "";
    this.#showBox("added", token);
    this.#showBox("called", kind === "srt" && address);
  }

  #showBox(name, shown) {
    const box = this.#part(name);
    box.hidden = !shown;
    for (const said of box.querySelectorAll("[role=status]")) said.textContent = "";
    if (shown) box.querySelector("h3").focus();
  }

  #showFields() {
    const { kind, url } = this.#part("add").elements;
    const pulled = "pulled" in (kind.selectedOptions[0]?.dataset ?? {});
    this.#part("url-field").hidden = !pulled;
    url.disabled = !pulled; // what is not shown is not sent
    url.required = pulled;
  }

  #say(text) {
    this.#part("said").textContent = text;
  }
}

customElements.define("call-sources", CallSources);

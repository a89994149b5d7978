// <call-outlets data-url>: where a host makes addresses at which others play the call,
// sees how many do, and takes them back. Looks while its dialog is open.
import "../site/copy-value.js";
import { get, post, request } from "../site/post.js";

const LOOK = 2000; // ms between two looks
const LOST = "That did not reach the server. Try again.";
const NAMES = { whep: "For a program (WHEP)", hls: "For listeners, by link (HLS)" };

// What a row says of who plays it; nothing where nobody can know.
export function playingLine({ kind, playing }) {
  if (kind === "hls") return "";
  if (!playing) return "Nobody plays it now";
  return playing === 1 ? "1 plays it now" : `${playing} play it now`;
}

class CallOutlets extends HTMLElement {
  #timer;

  connectedCallback() {
    this.addEventListener("click", (event) => this.#clicked(event));
    this.#timer = setInterval(() => this.#dialog.open && this.#look(), LOOK);
    document.addEventListener("click", ({ target }) => {
      if (target.closest("[data-sources]")) this.#look();
    });
  }

  disconnectedCallback() {
    clearInterval(this.#timer);
  }

  get #dialog() {
    return this.closest("dialog");
  }

  async #look() {
    const told = await get(this.dataset.url).catch(() => null);
    if (told) this.#show(told.outlets); // else what is there stays
  }

  // Rows stay while their addresses do, so that nobody loses what they are copying.
  #show(outlets) {
    const list = this.querySelector("[data-outlets]");
    const ids = new Set(outlets.map(({ id }) => id));
    for (const row of [...list.children])
      if (!ids.has(row.dataset.outlet)) row.remove();
    for (const outlet of outlets) this.#fill(this.#rowOf(list, outlet), outlet);
    list.hidden = !outlets.length;
    for (const button of this.querySelectorAll("[data-make=hls]"))
      button.hidden = outlets.some(({ kind }) => kind === "hls");
  }

  #rowOf(list, { id }) {
    const there = list.querySelector(`[data-outlet="${id}"]`);
    if (there) return there;
    const row = this.querySelector("[data-outlet-row]").content.firstElementChild;
    const made = row.cloneNode(true);
    made.dataset.outlet = id;
    list.append(made);
    return made;
  }

  #fill(row, outlet) {
    row.querySelector("[data-what]").textContent = NAMES[outlet.kind];
    const line = playingLine(outlet);
    const playing = row.querySelector("[data-playing]");
    if (playing.textContent !== line) playing.textContent = line;
    setValue(row.querySelector("[data-outlet-address]"), outlet.address);
    setValue(row.querySelector("[data-outlet-token]"), outlet.token);
    row.querySelector("[data-outlet-secret]").hidden = outlet.kind === "hls";
  }

  #clicked({ target }) {
    const button = target.closest("button");
    if (!button) return;
    const { outlet } = button.closest("[data-outlet]")?.dataset ?? {};
    if ("takeBack" in button.dataset) this.#takeBack(button, outlet);
    else if (button.dataset.make) this.#make(button, button.dataset.make);
  }

  async #make(button, kind) {
    button.disabled = true; // one press, one address
    try {
      const body = new URLSearchParams({ kind });
      const answer = await request(this.dataset.url, { method: "POST", body });
      this.#say(answer.ok ? "" : ((await answer.json()).error ?? LOST));
    } catch {
      this.#say(LOST);
    } finally {
      button.disabled = false;
    }
    await this.#look();
  }

  async #takeBack(button, id) {
    button.disabled = true;
    const taken = post(`${this.dataset.url}${id}/take-back/`);
    this.#say(
      await taken.then(
        () => "",
        () => LOST,
      ),
    );
    await this.#look();
    button.disabled = false;
  }

  #say(text) {
    this.querySelector("[data-outlet-said]").textContent = text;
  }
}

// A field that stands as it is keeps what somebody has selected in it.
function setValue(input, value) {
  if (input.value !== value) input.value = value;
}

customElements.define("call-outlets", CallOutlets);

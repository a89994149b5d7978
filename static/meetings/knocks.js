// What a host sees of who waits at the door: a line over the stage, and lists among the
// people, with the switch of the waiting room.
import { get, post } from "../site/post.js";

const AGAIN = 15_000; // ms; a word that was lost costs no more
const WAIT = 5000; // ms for an answer
const LOST = "That did not reach the server. Try again.";

// "Ben waits", "Ben and Ida wait", "Ben and 2 others wait"
export function whoWaits(names) {
  const [first, second, ...rest] = names;
  if (!second) return `${first} waits to be let in.`;
  const others = rest.length ? `${rest.length + 1} others` : second;
  return `${first} and ${others} wait to be let in.`;
}

export class Knocks {
  #room;
  #line;
  #sheet;
  #waiting = [];
  #asked = 0;

  // `line`: over the stage; `sheet`: the lists; `onSee`: shows the lists
  constructor({ room, line, sheet, call, onSee }) {
    [this.#room, this.#line, this.#sheet] = [room.dataset, line, sheet];
    if (!this.#room.knocksUrl) return;
    call.addEventListener("knocks", () => this.look());
    call.addEventListener("state", ({ detail }) => detail === "live" && this.look());
    line.addEventListener("click", ({ target }) => {
      if (target.closest("[data-see]")) onSee();
      else this.#clicked(target);
    });
    sheet.addEventListener("click", ({ target }) => this.#clicked(target));
    sheet
      .querySelector("[data-waiting-room]")
      .addEventListener("change", ({ target }) => this.#switch(target));
    setInterval(() => this.look(), AGAIN);
    this.look();
  }

  // The answer to the last question counts.
  async look() {
    const asked = ++this.#asked;
    const told = await get(this.#room.knocksUrl, WAIT).catch(() => null);
    if (told && asked === this.#asked) this.#show(told);
  }

  async #switch(box) {
    const on = box.checked;
    await this.#do(this.#room.waitingUrl, { on }, () => (box.checked = !on));
  }

  #clicked(target) {
    const button = target.closest("button");
    const { id } = target.closest("[data-knock]")?.dataset ?? {};
    if (!button) return;
    if ("letIn" in button.dataset) this.#do(this.#of(this.#room.letKnockInUrl, id));
    if ("refuse" in button.dataset) this.#do(this.#of(this.#room.refuseUrl, id));
    if ("letAllIn" in button.dataset)
      this.#do(this.#room.letAllInUrl, { ids: this.#waiting.map(({ id }) => id) });
  }

  async #do(url, fields = {}, onLost = () => {}) {
    const said = this.#sheet.querySelector("[data-knocks-said]");
    try {
      await post(url, fields, WAIT);
      said.textContent = "";
    } catch {
      onLost();
      said.textContent = LOST;
      this.#line.querySelector("[data-who]").textContent = LOST;
    }
    await this.look();
  }

  // The page has the address for knock 0.
  #of(url, id) {
    return url.replace("/0/", `/${id}/`);
  }

  #show({ on, waiting, refused }) {
    this.#waiting = waiting;
    this.#sheet.querySelector("[data-waiting-room]").checked = on;
    this.#showLine(waiting);
    this.#list("[data-waiting]", waiting, true);
    this.#list("[data-refused]", refused, false);
    this.#sheet.querySelector("[data-let-all-in]").hidden = waiting.length < 2;
  }

  // More than one: nobody is let in by a button that was meant for another.
  #showLine(waiting) {
    const [first] = waiting;
    const title = document.title.replace(/^\(\d+\) /, "");
    document.title = first ? `(${waiting.length}) ${title}` : title; // seen elsewhere, too
    const one = waiting.length === 1;
    this.#line.hidden = !first;
    if (!first) return;
    this.#line.dataset.id = first.id;
    const who = this.#line.querySelector("[data-who]");
    const text = whoWaits(waiting.map(({ name }) => name));
    if (who.textContent !== text) who.textContent = text; // read out once
    for (const button of this.#line.querySelectorAll("[data-let-in], [data-refuse]"))
      button.hidden = !one;
    this.#line.querySelector("[data-see]").hidden = one;
  }

  // Rows stay while their people do: nobody loses the button that they are about to press.
  #list(selector, people, waits) {
    const list = this.#sheet.querySelector(selector);
    list.closest("section").hidden = !people.length;
    const there = new Map([...list.children].map((item) => [item.dataset.id, item]));
    const items = people.map((one) => there.get(String(one.id)) ?? this.#item(one));
    items.forEach((item, n) => {
      item.querySelector("[data-refuse]").hidden = !waits;
      if (list.children[n] !== item) list.insertBefore(item, list.children[n] ?? null);
    });
    for (const item of [...list.children].slice(items.length)) item.remove();
  }

  #item({ id, name }) {
    const template = document.getElementById("knock");
    const item = template.content.firstElementChild.cloneNode(true);
    item.dataset.id = id;
    item.querySelector(".person-name").textContent = name;
    for (const [button, words] of [
      ["[data-let-in]", `Let in ${name}`],
      ["[data-refuse]", `Refuse ${name}`],
    ])
      item.querySelector(button).setAttribute("aria-label", words);
    return item;
  }
}

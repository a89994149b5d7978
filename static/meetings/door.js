// What only a host does at the door: puts people out, lets them in again, shuts it.
import { ask } from "../site/ask.js";
import { get, post, sentenceOf } from "../site/post.js";

const WAIT = 2000; // ms; who wants to leave does not wait for a server that is away
const LINKS_CLOSE = " The guest links let nobody new in any more.";
const LOST = "That did not reach the server. Try again.";

// Whether nobody else of `people` may run the call; also when the server does not say,
// because a question too many is better than a call that nobody ends.
export async function isLastHost(url, people, me) {
  const { hosts } = await get(url, WAIT).catch(() => ({ hosts: [] }));
  return !people.some(({ id }) => id !== me && hosts.includes(id));
}

export class Door {
  #hosts = new Set();
  #room;
  #people;
  #sheet;

  // `sheet`: the list of people with what is below it; `people`: tells who is in the call.
  // `onHosts`: called when it is known who may run the call; `onMute`: with whom to mute.
  constructor({ room, sheet, people, onHosts, onMute }) {
    this.#room = room.dataset;
    [this.#people, this.#sheet] = [people, sheet];
    [this.onHosts, this.onMute] = [onHosts, onMute];
    if (!this.#room.doorUrl) return;
    sheet.addEventListener("click", ({ target }) => this.#clicked(target));
    this.look();
  }

  // What a host may do to a person; `listens`: there is no sound to mute.
  may({ id, muted, listens, source }) {
    const known = Boolean(this.#room.doorUrl) && this.#hosts.size > 0;
    const silent = muted || listens || source || id === Number(this.#room.seat);
    return { mute: known && !silent, remove: known && !this.#hosts.has(id) };
  }

  async look() {
    if (!this.#room.doorUrl) return;
    const told = await get(this.#room.doorUrl, WAIT).catch(() => null);
    if (!told) return; // it is asked again when the list is shown
    this.#hosts = new Set(told.hosts);
    this.#showRemoved(told.removed);
    this.onHosts();
  }

  #clicked(target) {
    const { dataset } = target.closest("button") ?? {};
    if (!dataset) return;
    const { participant } = target.closest("[data-participant]")?.dataset ?? {};
    if ("mute" in dataset) this.onMute(Number(participant));
    if ("remove" in dataset) this.#remove(Number(participant));
    if ("letIn" in dataset) this.#do(this.#of(this.#room.letInUrl, participant), "");
    if (dataset.close) this.#close(dataset.close);
    if (dataset.revoke) this.#revoke(dataset.revoke);
  }

  async #remove(id) {
    const person = this.#people().find((one) => one.id === id);
    if (!person) return; // just left
    const { name, side } = person;
    const links = side === "them" ? LINKS_CLOSE : "";
    const sure = await this.#ask({
      question: `Remove ${name}?`,
      explanation: `They leave the call at once and cannot come back until you let them in again.${links}`,
      yes: "Remove",
    });
    if (sure)
      await this.#do(this.#of(this.#room.removeUrl, id), `${name} was removed.`);
  }

  async #close(url) {
    const sure = await this.#ask({
      question: "Withdraw the guest links?",
      explanation: "They let nobody new in any more. Who is in the call stays.",
      yes: "Withdraw",
    });
    if (sure) await this.#do(url, "Withdrawn. Copy guest link makes a new one.");
  }

  async #revoke(url) {
    const sure = await this.#ask({
      question: "Put all guests out?",
      explanation:
        "They leave the call at once, and their links open nothing any more.",
      yes: "Put all out",
    });
    if (sure) await this.#do(url, "Guests have left the call.");
  }

  #ask(question) {
    return ask(question, this.#sheet);
  }

  async #do(url, said) {
    const line = this.#sheet.querySelector("[data-door-said]");
    line.textContent = await post(url).then(
      () => said,
      (error) => sentenceOf(error, LOST),
    );
    await this.look();
  }

  // The page has the address for participant 0.
  #of(url, participant) {
    return url.replace("/0/", `/${participant}/`);
  }

  #showRemoved(removed) {
    const list = this.#sheet.querySelector("[data-removed]");
    list.closest("section").hidden = !removed.length;
    list.replaceChildren(...removed.map((person) => this.#removedItem(person)));
  }

  #removedItem({ id, name }) {
    const template = document.getElementById("removed");
    const item = template.content.firstElementChild.cloneNode(true);
    item.dataset.participant = id;
    item.querySelector(".person-name").textContent = name;
    item
      .querySelector("[data-let-in]")
      .setAttribute("aria-label", `Let ${name} in again`);
    return item;
  }
}

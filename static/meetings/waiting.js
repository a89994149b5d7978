// <waiting-page>: asks again and again whether the host has opened the door, and goes on.
import { request, token } from "../site/post.js";

const EVERY = 3000; // ms between two questions
const LATER = 10_000; // after a refusal, which the host may take back
const WAIT = 5000; // ms for an answer

const SAID = {
  waiting: (host) =>
    host
      ? "The host sees that you are here."
      : "The host is not in the call yet. They see that you are here when they come.",
  refused: () => "",
  gone: () =>
    "The link that you came by was withdrawn. Ask the person who invited you.",
  lost: () => "The server does not answer. Trying again.",
};
const HEADINGS = {
  waiting: "You wait to be let in",
  refused: "The host did not let you in",
  gone: "You can no longer come in",
};

function wordsFor(state, host) {
  return { heading: HEADINGS[state], said: SAID[state]?.(host) ?? "" };
}

class WaitingPage extends HTMLElement {
  connectedCallback() {
    addEventListener("pagehide", () => this.#leave());
    this.#show(this.getAttribute("state"), false);
    this.#look();
  }

  async #look() {
    const { state, host } = await this.#ask();
    if (state === "in") return location.replace(this.getAttribute("room"));
    if (state === "over") return location.replace(this.getAttribute("lobby"));
    this.#show(state, host);
    if (state === "gone") return;
    setTimeout(() => this.#look(), state === "refused" ? LATER : EVERY);
  }

  // The host need not wait to see that we are gone.
  #leave() {
    const said = { leaving: "1", csrfmiddlewaretoken: token() };
    navigator.sendBeacon(this.getAttribute("url"), new URLSearchParams(said));
  }

  async #ask() {
    const options = { method: "POST", wait: WAIT };
    const answer = await request(this.getAttribute("url"), options).catch(() => null);
    if (answer?.ok) return answer.json().catch(() => ({ state: "lost" }));
    return { state: answer?.status === 404 ? "gone" : "lost" };
  }

  #show(state, host) {
    const { heading, said } = wordsFor(state, host);
    if (heading) this.#say("[data-heading]", heading);
    if (said || state === "refused") this.#say("[data-said]", said);
    for (const rest of this.querySelectorAll("[data-about], [data-back]"))
      rest.hidden = state === "refused" || state === "gone";
  }

  // What stands is not said again: a screen reader reads each change.
  #say(selector, text) {
    const line = this.querySelector(selector);
    if (line.textContent !== text) line.textContent = text;
  }
}

customElements.define("waiting-page", WaitingPage);

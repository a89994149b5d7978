// What was written in a call, and what we want to say; knows nothing of the page.

// An address in a text. What ends a sentence, or closes a bracket that was not opened
// inside, is no part of it.
const ADDRESS = /https?:\/\/[^\s<>"]+/gi;
const BEHIND = /[.,;:!?'*\u2026]+$/;
const BRACKETS = { ")": "(", "]": "[", "}": "{" };

// [{text, href}]; href is "" where the text is no link
export function partsOf(text) {
  const parts = [];
  let at = 0;
  for (const { 0: found, index } of text.matchAll(ADDRESS)) {
    const address = bare(found);
    if (!URL.canParse(address)) continue;
    if (index > at) parts.push({ text: text.slice(at, index), href: "" });
    parts.push({ text: address, href: address });
    at = index + address.length;
  }
  if (at < text.length) parts.push({ text: text.slice(at), href: "" });
  return parts;
}

function bare(found) {
  const address = found.replace(BEHIND, "");
  const opener = BRACKETS[address.at(-1)];
  const closes = opener && !address.includes(opener);
  const shorter = closes ? bare(address.slice(0, -1)) : address;
  return shorter;
}

export class ChatLog {
  #kept = new Map(); // id -> message
  #own = new Map(); // key -> {key, text, why}: what the server has not confirmed
  readTo = 0; // all messages up to this id are here
  #me;

  constructor(me) {
    this.#me = me;
  }

  // A message that the server keeps. Returns whether it is new here.
  take(message) {
    if (message.participant === this.#me) this.#own.delete(message.key);
    const isNew = !this.#kept.has(message.id);
    this.#kept.set(message.id, message);
    return isNew;
  }

  // All there is behind `readTo`. Returns those that are new here.
  takeSoFar(messages) {
    const fresh = messages.filter((message) => this.take(message));
    this.readTo = Math.max(this.readTo, ...messages.map(({ id }) => id));
    return fresh;
  }

  // We say `text`, perhaps again: it is on its way.
  say(key, text) {
    this.#own.set(key, { key, text, why: "" });
  }

  // It did not get there, as far as we know. Returns whether it is still ours to send.
  fail(key, why) {
    const said = this.#own.get(key);
    if (said) said.why = why;
    return Boolean(said);
  }

  failAll(why) {
    for (const key of this.#own.keys()) this.fail(key, why);
  }

  forget(key) {
    this.#own.delete(key);
  }

  // In the order of time
  get kept() {
    return [...this.#kept.values()].sort((a, b) => a.id - b.id);
  }

  get own() {
    return [...this.#own.values()];
  }

  // Messages of others behind the one that was read last
  unread(lastRead) {
    const others = this.kept.filter(({ participant }) => participant !== this.#me);
    return others.filter(({ id }) => id > lastRead).length;
  }
}

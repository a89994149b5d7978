// One line over the stage for what is wrong: the most pressing of several troubles.
const ORDER = [
  "choice",
  "call",
  "microphone",
  "muted",
  "camera",
  "screen",
  "recording",
  "kept",
  "silent",
  "sound",
];

export class TroubleLine {
  #troubles = new Map();
  #line;
  #shown;

  constructor(line) {
    this.#line = line;
  }

  // An empty sentence ends the trouble of that kind; `retry`: what "Try again" does.
  say(kind, sentence, retry = null) {
    if (sentence) this.#troubles.set(kind, { sentence, retry });
    else this.#troubles.delete(kind);
    this.#show();
  }

  #show() {
    const worst = ORDER.find((kind) => this.#troubles.has(kind));
    const trouble = this.#troubles.get(worst);
    // What stands is not drawn again: a button that is being pressed would go.
    if (trouble === this.#shown) return;
    this.#shown = trouble;
    this.#line.hidden = !trouble;
    this.#line.replaceChildren();
    if (!trouble) return;
    const { sentence, retry } = trouble;
    this.#line.append(sentence, ...(retry ? [" ", button(retry)] : []));
  }
}

function button(retry) {
  const made = document.createElement("button");
  made.type = "button";
  made.textContent = "Try again";
  made.addEventListener("click", retry);
  return made;
}

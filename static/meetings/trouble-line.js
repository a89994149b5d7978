// One line over the stage for what is wrong: the most pressing of several troubles.
const ORDER = ["final", "choice", "call", "media", "recording", "sound"];

export class TroubleLine {
  #troubles = new Map();
  #line;
  #retry;

  constructor(line, retry) {
    this.#line = line;
    this.#retry = retry;
  }

  // An empty sentence ends the trouble of that kind.
  say(kind, sentence, canRetry = false) {
    if (sentence) this.#troubles.set(kind, { sentence, canRetry });
    else this.#troubles.delete(kind);
    this.#show();
  }

  #show() {
    const worst = ORDER.find((kind) => this.#troubles.has(kind));
    this.#line.hidden = !worst;
    this.#line.replaceChildren();
    if (!worst) return;
    const { sentence, canRetry } = this.#troubles.get(worst);
    this.#line.append(sentence, ...(canRetry ? [" ", this.#button()] : []));
  }

  #button() {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = "Try again";
    button.addEventListener("click", this.#retry);
    return button;
  }
}

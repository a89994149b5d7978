// Sharing our screen. A room has one screen: it is asked for, taken over with a question,
// and asked for again after the connection was lost.
import { ask } from "../site/ask.js";
import { openScreen, whyNot } from "./own-screen.js";

const LOST =
  "Your screen could not be shared: the server did not answer. Share it again.";
const TAKEN = 8000; // ms that we are told who shares instead

export class Sharing {
  #parts;
  #screen = null; // {video, audio} while ours is open
  #holder = null; // who shares, as the server told last
  #busy = false; // we are asking for it
  #live = false;

  // `nameOf`: the name of a participant; `onChange`: called when ours opens or closes
  constructor({ call, me, trouble, nameOf, onChange }) {
    this.#parts = { call, me, trouble, nameOf, onChange };
    call.addEventListener("people", ({ detail }) => this.#told(detail.sharing ?? null));
    call.addEventListener("state", ({ detail }) => this.#connected(detail));
    call.addEventListener("final", () => this.#close());
  }

  get own() {
    return this.#screen;
  }

  get holder() {
    return this.#holder;
  }

  async start() {
    const { me, trouble } = this.#parts;
    const other = this.#holder;
    if (this.#busy || this.#screen) return;
    if (other !== null && other !== me && !(await this.#sure(other))) return;
    trouble.say("screen", "");
    try {
      this.#open(await openScreen());
    } catch (error) {
      return trouble.say("screen", whyNot(error));
    }
    await this.#claim(other);
  }

  stop() {
    if (!this.#screen) return;
    this.#close();
    this.#parts.call.unshare();
  }

  // Ask for the room's screen; where another has it, ask the person whether to take it.
  async #claim(insteadOf) {
    const { call, me, trouble } = this.#parts;
    this.#busy = true;
    const holder = await call.share(insteadOf);
    this.#busy = false;
    if (!this.#screen) return call.unshare(); // stopped meanwhile
    if (holder === me) return call.useScreen(this.#screen);
    if (holder !== null && (await this.#sure(holder))) return this.#claim(holder);
    if (holder === null) trouble.say("screen", LOST);
    this.#close();
  }

  #sure(other) {
    return ask({
      question: `${this.#parts.nameOf(other)} is sharing. Share yours instead?`,
      explanation: "Everybody sees one screen at a time.",
      yes: "Share mine",
    });
  }

  #told(holder) {
    this.#holder = holder;
    this.#check();
  }

  #connected(state) {
    this.#live = state === "live";
    this.#check();
  }

  // Ours was shown and is not any more: it was taken, or the connection was away.
  #check() {
    const { me, trouble, nameOf } = this.#parts;
    if (!this.#screen || this.#busy || !this.#live || this.#holder === me) return;
    if (this.#holder === null) return this.#claim(null);
    trouble.say(
      "screen",
      `${nameOf(this.#holder)} shares now, and your screen is not shown any more.`,
    );
    setTimeout(() => trouble.say("screen", ""), TAKEN);
    this.#close();
  }

  #open(screen) {
    this.#screen = screen;
    screen.video.onended = () => this.stop(); // by the browser's own bar
    this.#parts.onChange();
  }

  #close() {
    if (!this.#screen) return;
    this.#screen.video.onended = null;
    this.#screen.video.stop();
    this.#screen.audio?.stop();
    this.#screen = null;
    this.#parts.call.useScreen(null);
    this.#parts.onChange();
  }
}

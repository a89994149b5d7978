// Mute, camera, captions, consent, settings, leave: buttons and keys.
import { chosen, fillSelects, showBlur } from "./devices.js";
import { isLastHost } from "./door.js";
import { post, sentenceOf } from "../site/post.js";
import { canChoose, offerTestSound } from "./loudspeaker.js";
import { consentWord } from "./recording.js";

const KEYS = { m: "microphone", v: "camera", c: "captions" };
const TYPING = "input, textarea, select, [contenteditable], dialog";
const NAMES_ITS_NEXT = ["microphone", "camera"]; // their word changes, not "pressed"

const CHOICE_LOST = "Your choice did not reach the server. Make it again.";

export class Controls {
  recorded;
  #parts;

  constructor(parts) {
    this.#parts = parts;
    this.recorded = parts.room.dataset.recorded === "true";
    this.showConsent(this.recorded, false);
    document.addEventListener("click", ({ target }) => this.#clicked(target));
    document.addEventListener("keydown", (event) => this.#pressed(event));
    document.addEventListener("change", ({ target }) => this.#chose(target));
    this.#sizeCaptions(localStorage.getItem("earshot.captions") ?? "medium");
    this.#offerOutputs();
  }

  // `recorded`: what we chose; `written`: whether a file of ours is being written
  showConsent(recorded, written) {
    this.recorded = recorded;
    const button = this.#button("consent");
    button.setAttribute("aria-pressed", recorded);
    button.classList.toggle("written", written);
    word(button, consentWord(recorded, written));
    button.title = recorded ? "Stop recording me" : "Record me";
  }

  #clicked(target) {
    const button = target.closest("button");
    if (!button) return;
    if (button.dataset.toggle) this.#toggle(button.dataset.toggle);
    if (button.dataset.open) this.#open(button.dataset.open);
    if ("leave" in button.dataset) this.#askToLeave();
    if ("leaveAnyway" in button.dataset) this.#leave();
    if (!("copy" in button.dataset)) closeSheet(button.closest("[popover]"));
  }

  #pressed(event) {
    const busy = event.ctrlKey || event.metaKey || event.altKey || event.repeat;
    if (busy || event.target.closest(TYPING)) return;
    const name = KEYS[event.key.toLowerCase()];
    if (name) this.#toggle(name);
  }

  #toggle(name) {
    const button = this.#button(name);
    const attribute = NAMES_ITS_NEXT.includes(name) ? "data-on" : "aria-pressed";
    const on = button.getAttribute(attribute) !== "true";
    if (name === "consent") return this.#changeConsent(on);
    if (name === "camera") return this.setCamera(on);
    button.setAttribute(attribute, on);
    if (name === "captions") this.#parts.room.classList.toggle("no-captions", !on);
    if (name === "microphone") this.#setMuted(!on, button);
  }

  // A host did it; we may unmute ourselves.
  muteFor(by) {
    if (this.#parts.media.muted) return;
    this.#toggle("microphone");
    this.#parts.trouble.say("muted", `${by} muted you. Unmute to speak.`);
  }

  #setMuted(muted, button) {
    const { call, media, trouble } = this.#parts;
    media.setMuted(muted);
    trouble.say("muted", "");
    call.setMuted(muted);
    word(button, muted ? "Unmute" : "Mute");
  }

  async setCamera(on) {
    const { media } = this.#parts;
    const button = this.#button("camera");
    await media.setCamera(on);
    button.dataset.on = Boolean(media.camera);
    word(button, media.camera ? "Camera off" : "Camera on");
  }

  async #changeConsent(recorded) {
    const { room, trouble, keeping } = this.#parts;
    keeping.choose(recorded);
    const choice = recorded ? "recorded" : "unrecorded";
    try {
      await post(room.dataset.consentUrl, { choice });
      this.showConsent(recorded, false); // what is written comes with the people
      trouble.say("choice", "");
    } catch (error) {
      trouble.say("choice", sentenceOf(error, CHOICE_LOST));
    }
  }

  #open(id) {
    document.querySelector("[data-plain-sound]").checked =
      chosen.get("sound") === "plain";
    showBlur(document, this.#parts.media.camera);
    document.getElementById(id).showModal();
    fillSelects(document);
  }

  #chose(select) {
    const { media, tiles } = this.#parts;
    const kind = select.dataset.devices;
    if (kind) media.choose(kind, select.value);
    if (kind === "audiooutput") tiles.listen();
    if ("blur" in select.dataset) media.blur(select.checked);
    if ("plainSound" in select.dataset)
      media.choose("sound", select.checked ? "plain" : "");
    if ("captionSize" in select.dataset) this.#sizeCaptions(select.value);
  }

  #sizeCaptions(size) {
    localStorage.setItem("earshot.captions", size);
    this.#parts.room.dataset.captionSize = size;
    document.querySelector("[data-caption-size]:is(select)").value = size;
  }

  #offerOutputs() {
    const line = document.querySelector("[data-sound-said]");
    document.querySelector("[data-outputs]").hidden = !canChoose();
    offerTestSound(document.querySelector("[data-test-sound]"), line);
  }

  async #askToLeave() {
    const { room, people } = this.#parts;
    const { doorUrl, seat } = room.dataset;
    const me = Number(seat);
    if (!doorUrl || !(await isLastHost(doorUrl, people(), me))) return this.#leave();
    const dialog = document.getElementById("leave-dialog");
    const alone = people().every(({ id }) => id === me);
    dialog.querySelector("[data-alone]").hidden = !alone;
    dialog.querySelector("[data-company]").hidden = alone;
    if (!dialog.open) dialog.showModal();
  }

  async #leave() {
    const { room, call, media, keeping } = this.#parts;
    call.leave();
    media.release();
    await keeping.stop(); // the next page hands in what is missing
    location.assign(room.dataset.lobbyUrl);
  }

  #button(name) {
    return document.querySelector(`[data-toggle="${name}"]`);
  }
}

function closeSheet(sheet) {
  if (sheet?.matches(":popover-open")) sheet.hidePopover();
}

function word(button, text) {
  button.querySelector("[data-word]").textContent = text;
}

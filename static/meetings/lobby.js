// Before the room: says what the browser lacks, and tests devices when asked to.
import "./call-title.js";
import "./copy-link.js";
import { getHtml } from "../site/post.js";
import {
  blur,
  chosen,
  explain,
  fillSelects,
  heard,
  missing,
  openCamera,
  openMicrophone,
  opened,
  showBlur,
} from "./devices.js";
import { Levels } from "./levels.js";
import { canChoose, offerTestSound } from "./loudspeaker.js";

const LOOK = 10_000; // ms between two looks at who is in

class DeviceCheck extends HTMLElement {
  #tracks = [];
  #levels = null;
  #microphone = null;

  connectedCallback() {
    this.querySelector("[data-test]").addEventListener("click", () => this.#start());
    this.querySelector("[data-again]").addEventListener("click", () => this.#start());
    this.querySelector("[data-stop]").addEventListener("click", () => this.#stop());
    this.addEventListener("change", ({ target }) => this.#choose(target));
    this.#part("[data-outputs]").hidden = !canChoose();
    offerTestSound(this.#part("[data-test-sound]"), this.#part("[data-sound-said]"));
  }

  async #start() {
    this.#release();
    this.#part("[data-untried]").hidden = this.#part("[data-test]").hidden = true;
    this.#part("[data-results]").hidden = false;
    const microphone = await this.#open(openMicrophone, "microphone");
    const camera = await this.#open(openCamera, "camera");
    this.#part("[data-again]").hidden = Boolean(microphone && camera);
    this.#listen(microphone);
    this.#picture(camera);
    showBlur(this, camera);
    await fillSelects(this);
  }

  async #open(opener, device) {
    try {
      const track = await opener();
      this.#tracks.push(track);
      this.#say(device, opened(device, track.label));
      return track;
    } catch (error) {
      this.#say(device, explain(error, device));
      return null;
    }
  }

  #say(device, sentence) {
    const line = this.#part(`[data-said="${device}"]`);
    if (line.textContent !== sentence) line.textContent = sentence; // read out once
  }

  // That a microphone hears is said only once it does.
  #listen(microphone) {
    const meter = this.#part("meter");
    this.#levels ??= new Levels((_, level, speaking) => {
      meter.value = level;
      if (speaking) this.#say("microphone", heard(this.#microphone.label));
    });
    this.#microphone = microphone;
    this.#levels.watch("own", microphone);
    if (!microphone) meter.value = 0;
  }

  #picture(camera) {
    const preview = this.#part(".preview");
    preview.hidden = !camera;
    preview.srcObject = camera ? new MediaStream([camera]) : null;
    this.#part("[data-off]").hidden = Boolean(camera);
    if (camera) preview.play();
  }

  #choose({ dataset, value, checked }) {
    if ("blur" in dataset) return this.#blur(checked);
    chosen.set(dataset.devices, value);
    if (dataset.devices !== "audiooutput") this.#start();
  }

  #blur(on) {
    chosen.set("blur", on ? "on" : "");
    for (const track of this.#tracks) blur(track, on);
  }

  #stop() {
    this.#release();
    this.#picture(null);
    this.#part("[data-untried]").hidden = this.#part("[data-test]").hidden = false;
    this.#part("[data-results]").hidden = true;
  }

  #release() {
    for (const track of this.#tracks) track.stop();
    this.#tracks = [];
    this.#levels?.drop("own");
  }

  #part(selector) {
    return this.querySelector(selector);
  }
}

customElements.define("device-check", DeviceCheck);

// Who is in, as the page would say it now.
async function lookInside() {
  const line = document.querySelector("[data-inside]");
  const html = line && !document.hidden ? await getHtml(location.href) : null;
  const page = html && new DOMParser().parseFromString(html, "text/html");
  const fresh = page?.querySelector("[data-inside]");
  if (fresh) line.replaceChildren(...fresh.childNodes);
}
setInterval(lookInside, LOOK);

const lack = missing();
if (lack) {
  const line = document.querySelector("[data-browser]");
  line.textContent = lack;
  line.hidden = false;
  for (const button of document.querySelectorAll(".choices button"))
    button.disabled = true;
}

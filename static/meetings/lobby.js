// Before the room: says what the browser lacks, and tests devices when asked to.
import "./copy-link.js";
import {
  chosen,
  explain,
  fillSelects,
  missing,
  openCamera,
  openMicrophone,
} from "./devices.js";
import { Levels } from "./levels.js";

class DeviceCheck extends HTMLElement {
  #tracks = [];
  #levels = null;

  connectedCallback() {
    this.querySelector("[data-test]").addEventListener("click", () => this.#start());
    this.querySelector("[data-stop]").addEventListener("click", () => this.#stop());
    this.addEventListener("change", ({ target }) => this.#choose(target));
  }

  async #start() {
    this.#release();
    this.#part("[data-empty]").hidden = true;
    this.#part("[data-results]").hidden = false;
    const microphone = await this.#open(openMicrophone, "microphone");
    const camera = await this.#open(openCamera, "camera");
    this.#show(microphone, camera);
    await fillSelects(this);
  }

  async #open(opener, device) {
    try {
      const track = await opener();
      this.#tracks.push(track);
      return track;
    } catch (error) {
      this.#part("[data-said]").textContent = explain(error, device);
      return null;
    }
  }

  #show(microphone, camera) {
    const meter = this.#part("meter");
    this.#levels ??= new Levels((_, level) => (meter.value = level));
    this.#levels.watch("own", microphone);
    if (microphone)
      this.#part("[data-said]").textContent = "Say something: the meter should move.";
    const preview = this.#part(".preview");
    preview.hidden = !camera;
    preview.srcObject = camera ? new MediaStream([camera]) : null;
    if (camera) preview.play();
  }

  #choose({ dataset, value }) {
    chosen.set(dataset.devices, value);
    this.#start();
  }

  #stop() {
    this.#release();
    this.#part(".preview").hidden = true;
    this.#part("[data-empty]").hidden = false;
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

const lack = missing();
if (lack) {
  const line = document.querySelector("[data-browser]");
  line.textContent = lack;
  line.hidden = false;
  for (const button of document.querySelectorAll(".choices button"))
    button.disabled = true;
}

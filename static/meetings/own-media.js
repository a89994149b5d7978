// Our own microphone and camera: what is sent, and whether it is.
import { blur, chosen, explain, openCamera, openMicrophone } from "./devices.js";

// Events: "change" (tracks were replaced), "trouble" (detail: {device, sentence}, "" when
// the trouble with that device is over)
export class OwnMedia extends EventTarget {
  microphone = null;
  camera = null;
  muted = false;

  // Ask for the microphone; without one we listen only.
  async listen() {
    try {
      this.#use(await openMicrophone());
      this.#trouble("microphone");
    } catch (error) {
      this.#use(null);
      this.#trouble("microphone", explain(error));
    }
  }

  setMuted(muted) {
    this.muted = muted;
    if (this.microphone) this.microphone.enabled = !muted;
  }

  async setCamera(on) {
    this.camera?.stop();
    this.camera = null;
    try {
      if (on) this.camera = await openCamera();
      this.#trouble("camera");
    } catch (error) {
      this.#trouble("camera", explain(error, "camera"));
    }
    this.#tell("change");
  }

  async choose(kind, value) {
    chosen.set(kind, value);
    if (kind === "audioinput" || kind === "sound") await this.listen();
    if (kind === "videoinput" && this.camera) await this.setCamera(true);
  }

  async blur(on) {
    chosen.set("blur", on ? "on" : "");
    await blur(this.camera, on);
  }

  release() {
    this.microphone?.stop();
    this.camera?.stop();
  }

  #use(track) {
    this.microphone?.stop();
    this.microphone = track;
    if (track) {
      track.enabled = !this.muted;
      track.onended = () => this.listen(); // unplugged: the next best one
    }
    this.#tell("change");
  }

  #trouble(device, sentence = "") {
    this.#tell("trouble", { device, sentence });
  }

  #tell(type, detail) {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }
}

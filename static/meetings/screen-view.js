// The screen that somebody shares, large on the stage; and word that we share ours.
import { canFill, fill, leave } from "./full-screen.js";
import { useChosen } from "./loudspeaker.js";

export class ScreenView {
  #stage;
  #box;
  #line;
  #button;

  // `line`: says that we share; `button`: starts and stops it
  constructor({ stage, box, line, button }) {
    [this.#stage, this.#box, this.#line, this.#button] = [stage, box, line, button];
    const full = box.querySelector("[data-full]");
    full.hidden = !canFill();
    full.addEventListener("click", () => fill(box));
    useChosen(box.querySelector("audio"));
  }

  // `name`: whose it is, "" for nobody's; `screen`, `tab`: tracks, once they are there
  show(name, { screen, tab } = {}, onBlocked) {
    this.#stage.classList.toggle("has-screen", Boolean(name));
    this.#box.hidden = !name;
    this.#box.querySelector("[data-screen-name]").textContent = name;
    this.#box.querySelector("[data-screen-wait]").hidden = Boolean(screen);
    const video = this.#box.querySelector("video");
    video.hidden = !screen;
    attach(video, name && screen)?.catch(() => {});
    attach(this.#box.querySelector("audio"), name && tab)?.catch(onBlocked);
    if (!name) leave(this.#box);
  }

  // `own`: {video, audio} of ours, or null
  showOwn(own) {
    this.#line.hidden = !own;
    this.#line.querySelector("[data-word]").textContent = own?.audio
      ? "You are sharing your screen and its sound."
      : "You are sharing your screen, without its sound.";
    this.#button.dataset.on = Boolean(own);
    this.#button.querySelector("[data-word]").textContent = own
      ? "Stop sharing"
      : "Share screen";
  }
}

function attach(player, track) {
  const now = player.srcObject?.getTracks()[0];
  if (now === (track || undefined)) return null;
  player.srcObject = track ? new MediaStream([track]) : null;
  return track ? player.play() : null;
}

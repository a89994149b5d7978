// What was seen: the shared screen, else the cameras, kept in step with the sound.
import { shownAt } from "./clock.js";

const DRIFT = 0.3; // seconds that a picture may be off; going elsewhere in it takes long

export class Pictures {
  // `clock`: the <audio> of the mix; `box`: has a [data-picture] for each file
  constructor(clock, box) {
    this.clock = clock;
    this.nothing = box.querySelector("[data-nothing]");
    this.all = [...box.querySelectorAll("[data-picture]")].map((element) => ({
      element,
      video: element.querySelector("video"),
      source: element.dataset.source,
      start: Number(element.dataset.start),
      end: Number(element.dataset.end),
    }));
    for (const { video } of this.all)
      video.addEventListener("loadedmetadata", () => this.follow());
    this.follow();
  }

  follow() {
    const shown = new Set(shownAt(this.all, this.clock.currentTime * 1000));
    this.nothing.hidden = shown.size > 0;
    for (const picture of this.all) {
      picture.element.hidden = !shown.has(picture);
      if (shown.has(picture)) this.align(picture);
      else picture.video.pause();
    }
  }

  align({ element, video, start }) {
    const { clock } = this;
    if (!video.src) video.src = element.dataset.src;
    video.playbackRate = clock.playbackRate;
    if (video.readyState === 0) return;
    const at = clock.currentTime - start / 1000;
    if (!video.seeking && Math.abs(video.currentTime - at) > DRIFT)
      video.currentTime = at;
    const runs = !clock.paused && !clock.seeking && clock.readyState > 2;
    if (runs && video.paused && !video.ended) video.play().catch(() => {});
    if (!runs) video.pause();
  }

  close() {
    for (const { video } of this.all) {
      video.pause();
      video.removeAttribute("src");
    }
  }
}

// A picture on the whole screen. Phones that know no other way show the video alone.
const whole = () => document.fullscreenEnabled;

export const canFill = () =>
  whole() || "webkitEnterFullscreen" in HTMLVideoElement.prototype;

// `box`: what fills the screen, with the video in it; again: it does no more
export function fill(box) {
  if (document.fullscreenElement) return document.exitFullscreen();
  if (whole()) return box.requestFullscreen().catch(() => {});
  return box.querySelector("video").webkitEnterFullscreen();
}

export function leave(box) {
  if (document.fullscreenElement === box) document.exitFullscreen();
}

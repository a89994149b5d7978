// The waveform over our own <audio>: drawn from the server's peaks, nothing is decoded.
import WaveSurfer from "wavesurfer.js";
import { get } from "../site/post.js";

const HEIGHT = 40; // pixels
const WAIT = 60_000; // ms; those of a long call take their time

function colours() {
  const style = getComputedStyle(document.documentElement);
  const probe = document.createElement("i");
  document.body.append(probe);
  const resolve = (name) => {
    probe.style.color = style.getPropertyValue(name);
    return getComputedStyle(probe).color;
  };
  const found = {
    waveColor: resolve("--muted"),
    progressColor: resolve("--accent"),
  };
  probe.remove();
  return found;
}

// Repaint `wave` when the theme changes; returns what stops it.
function followTheme(wave) {
  const repaint = () => wave.setOptions(colours());
  const system = matchMedia("(prefers-color-scheme: dark)");
  const observer = new MutationObserver(repaint);
  system.addEventListener("change", repaint);
  observer.observe(document.documentElement, { attributeFilter: ["data-theme"] });
  return () => {
    system.removeEventListener("change", repaint);
    observer.disconnect();
  };
}

// Resolves to a function that takes the waveform away again.
export async function drawWaveform(container, audio, url) {
  const { mix, duration_s: duration } = await get(url, WAIT);
  const wave = WaveSurfer.create({
    container,
    media: audio,
    peaks: [mix],
    duration,
    height: HEIGHT,
    barWidth: 2,
    barGap: 1,
    cursorWidth: 0,
    dragToSeek: true,
    cspNonce: document.querySelector("script[nonce]")?.nonce,
    ...colours(),
  });
  const stop = followTheme(wave);
  return () => {
    stop();
    wave.destroy();
  };
}

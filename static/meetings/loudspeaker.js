// Where the call is heard, and three notes to try it with.
import { chosen } from "./devices.js";

const KIND = "audiooutput";
const NOTES = [523, 659, 784]; // Hz
const NOTE = 0.22; // s
const LOUD = 0.2; // of full scale

export const canChoose = () => "setSinkId" in HTMLMediaElement.prototype;

// Play on the loudspeaker that was chosen; one that was unplugged leaves the usual one.
export async function useChosen(player) {
  if (!canChoose()) return;
  const id = chosen.get(KIND);
  if (player.sinkId !== id) await player.setSinkId(id).catch(() => {});
}

// Resolves when the notes have been played.
export async function playTestSound() {
  const context = new AudioContext();
  const out = context.createMediaStreamDestination();
  const player = new Audio();
  player.srcObject = out.stream;
  await useChosen(player);
  await player.play();
  const ended = NOTES.map((hertz, n) => ring(context, out, hertz, n * NOTE));
  await Promise.all(ended);
  player.srcObject = null;
  await context.close();
}

function ring(context, out, frequency, after) {
  const start = context.currentTime + 0.1 + after;
  const note = new OscillatorNode(context, { frequency });
  const gain = new GainNode(context, { gain: 0 });
  gain.gain.setTargetAtTime(LOUD, start, 0.01);
  gain.gain.setTargetAtTime(0, start + NOTE / 2, 0.06);
  note.connect(gain).connect(out);
  note.start(start);
  note.stop(start + 2 * NOTE);
  return new Promise((resolve) => (note.onended = resolve));
}

// A button that plays them, with a line that says what should be heard.
export function offerTestSound(button, said) {
  button.addEventListener("click", async () => {
    button.disabled = true;
    said.textContent = "Three notes: you should hear them.";
    await playTestSound().catch((error) => {
      said.textContent = `The loudspeaker did not play (${error.message}). Choose another.`;
    });
    button.disabled = false;
  });
}

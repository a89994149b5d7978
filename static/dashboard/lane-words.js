// Over a lane, the words that were said there.
import { clockText } from "../site/clock.js";

const WORDS = 12;

// Shows them in `hint`; `lanes`: the box that holds both. Lines are those of the page.
export function showWords(lanes, hint, durationMs, signal) {
  const hide = () => (hint.hidden = true);
  lanes.addEventListener(
    "pointermove",
    (event) => {
      const track = event.target.closest?.("[data-track]");
      if (!track || event.pointerType === "touch") return hide();
      const box = track.getBoundingClientRect();
      const ms = ((event.clientX - box.left) / box.width) * durationMs;
      const person = track.closest(".lane").id.replace("lane-", "");
      put(hint, lanes, event, `${clockText(ms)} ${wordsAt(person, ms)}`);
    },
    { signal },
  );
  lanes.addEventListener("pointerleave", hide, { signal });
}

function put(hint, lanes, event, text) {
  const box = lanes.getBoundingClientRect();
  hint.textContent = text;
  hint.hidden = false;
  const left = event.clientX - box.left - hint.offsetWidth / 2;
  const most = box.width - hint.offsetWidth - 8;
  hint.style.left = `${Math.max(8, Math.min(left, most))}px`;
  hint.style.top = `${event.clientY - box.top + 16}px`;
}

// What this person said then: from the word at `ms` on; nothing while they were silent.
function wordsAt(person, ms) {
  const lines = document.querySelectorAll(
    `.line[data-person="${Number(person)}"]:not(.editing)`,
  );
  const line = [...lines].findLast((one) => Number(one.dataset.start) <= ms);
  if (!line || ms > Number(line.dataset.end)) return "";
  const words = [...line.querySelectorAll("p [data-word]")];
  const at = words.findLastIndex((word) => Number(word.dataset.word) <= ms);
  const shown = words.slice(Math.max(0, at - 2), at + WORDS);
  return shown.map((word) => word.textContent).join(" ");
}

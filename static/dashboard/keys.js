// Whether a key is meant for the page, or for the control that has the focus. A dialog
// that was just closed keeps the focus until the next picture.
const TYPING =
  "input:not([type=range]), textarea, select, [contenteditable], dialog[open]";

export function isForThePage({ key, target, ctrlKey, metaKey, altKey }) {
  if (ctrlKey || metaKey || altKey || target.closest?.(TYPING)) return false;
  if (key === " ") return !target.closest?.("button, a, summary");
  if (key.startsWith("Arrow")) return !target.closest?.("[type=range]");
  return true;
}

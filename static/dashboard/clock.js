// The call's clock: pure functions, tested in node.

// Index of the last of `starts` (ascending) that is not after `ms`; -1 before the first.
export function indexAt(starts, ms) {
  let low = 0;
  let high = starts.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (starts[middle] <= ms) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

// "#t=83.2" -> 83.2; null for any other hash
export function secondsIn(hash) {
  const match = /^#t=(\d+(?:\.\d+)?)$/.exec(hash);
  return match ? Number(match[1]) : null;
}

export function hashAt(seconds) {
  return `#t=${Math.max(0, seconds).toFixed(1)}`;
}

// Who is heard: solo wins over the rest, mute over solo.
export function isHeard(id, solo, muted) {
  return !muted.has(id) && (solo.size === 0 || solo.has(id));
}

// What is seen at `ms` of [{source, start, end}]: the screen shared last, else cameras.
export function shownAt(pictures, ms) {
  const here = pictures.filter(({ start, end }) => start <= ms && ms < end);
  const screens = here.filter(({ source }) => source === "screen");
  return screens.length ? screens.slice(-1) : here;
}

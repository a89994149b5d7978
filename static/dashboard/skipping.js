// Where playing goes on while silence, or all but some people, is skipped. Pure part.

const BEFORE = 200; // ms heard before somebody speaks
const WORTH = 600; // ms; shorter leaps are only noise

// Spans [[start, end], ...] of several people as one list, in order and apart.
export function together(lists) {
  const all = lists.flat().sort((a, b) => a[0] - b[0]);
  const joined = [];
  for (const [start, end] of all) {
    const last = joined.at(-1);
    if (last && start <= last[1] + 2 * BEFORE) last[1] = Math.max(last[1], end);
    else joined.push([start, end]);
  }
  return joined;
}

// From where to go on at `ms`: null to stay, Infinity when nobody speaks any more.
export function leap(spans, ms) {
  let low = 0;
  let high = spans.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (spans[middle][1] + BEFORE > ms) high = middle;
    else low = middle + 1;
  }
  if (low === spans.length) return Infinity;
  const start = spans[low][0] - BEFORE;
  return start - ms < WORTH ? null : start;
}

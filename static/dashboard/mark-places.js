// Where marks stand below the lanes. Pure part. Marks are [kind, ms, label, href] by time.

const PLACES = 200; // in a row: what falls into one is one mark
const NEAR = 1000; // ms

export function gathered(marks, durationMs) {
  const places = new Map();
  for (const [, ms, label, href] of marks) {
    const share = Math.min(1, Math.max(0, ms / Math.max(1, durationMs)));
    const place = Math.round(share * PLACES);
    const there = places.get(place);
    if (there) there.labels.push(label);
    else places.set(place, { left: 100 * share, ms, labels: [label], href });
  }
  return [...places.values()];
}

// The moment of the next mark after `ms`, or with `way` -1 of the one before; null: none.
export function nearest(marks, ms, way) {
  const moments = marks.map(([, at]) => at).sort((a, b) => a - b);
  const found =
    way > 0
      ? moments.find((at) => at > ms + 100)
      : moments.findLast((at) => at < ms - 1000); // while playing, it moved on already
  return found ?? null;
}

// Whether one of `moments` is the one at `ms`, as the server takes them for one.
export function isNear(moments, ms) {
  return moments.some((at) => Math.abs(at - ms) <= NEAR);
}

// The lines of a call as the caption socket tells them; knows nothing of the page.
const STRIP_AGE = 6000; // ms a finished line stays over the stage
const STRIP_LINES = 2;

export class CaptionLines {
  #lines = new Map(); // utterance id -> caption
  seq = 0;

  // Take a caption; returns "changed", "removed" or "" when it is older than what we have.
  apply(caption) {
    this.seq = Math.max(this.seq, caption.seq);
    const known = this.#lines.get(caption.id);
    if (known && (known.rev > caption.rev || (known.final && !caption.final)))
      return "";
    if (caption.final && !textOf(caption)) {
      return this.#lines.delete(caption.id) ? "removed" : "";
    }
    this.#lines.set(caption.id, caption);
    return "changed";
  }

  // By the time they began; equal times in the order of ids
  get all() {
    return [...this.#lines.values()].sort(inOrder);
  }

  // The newest line of each of the last people to speak: both, when two talk at once
  strip(now) {
    const newest = new Map();
    for (const line of this.all) {
      if (!line.final || now - line.seenAt < STRIP_AGE)
        newest.set(line.participant, line);
    }
    return [...newest.values()].sort(inOrder).slice(-STRIP_LINES);
  }
}

export function inOrder(a, b) {
  return a.start_ms - b.start_ms || (a.id < b.id ? -1 : 1);
}

export function textOf({ stable, interim }) {
  return `${stable} ${interim}`.trim();
}

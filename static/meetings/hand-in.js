// Hands in what the server says is missing of what was kept.
import { pack, slicesOf } from "./kept-sound.js";

const WAIT = 60_000; // ms; a slice on a slow line
// Of one slice alone: it is there already (409), or it is no sound (400).
const PASSED_BY = new Set([400, 409]);

// The server takes nothing of it, and says why: unrecorded, no_seat, too_late ...
export class Refused extends Error {
  constructor(code) {
    super(`the server said ${code}`);
    this.code = code;
  }
}

// Resolves to {sent: slices, settled: ms on the meeting's clock before which nothing is
// missing any more}. Rejects with Refused, or with another error when it may go later.
// `packets`: with times on the meeting's clock; `ask`: site/post.js's `request`; `onSlice`:
// called before each slice.
export async function handIn({ url, seat, packets, ask, onSlice = () => {} }) {
  let standing = await standingOf(await ask(url), seat);
  const slices = slicesOf(packets, standing.missing);
  for (const slice of slices) {
    onSlice();
    const answer = await ask(url, {
      method: "POST",
      body: new Blob([pack(slice)], { type: "application/octet-stream" }),
      wait: WAIT,
    });
    if (!PASSED_BY.has(answer.status)) standing = await standingOf(answer, seat);
  }
  return { sent: slices.length, settled: standing.settled_ms };
}

async function standingOf(answer, seat) {
  if (answer.ok) {
    const told = await answer.json();
    if (told.participant !== seat) throw new Refused("no_seat");
    return told;
  }
  // Who is too busy, or takes the page for a stranger's, says nothing of the sound.
  const { error } = await answer.json().catch(() => ({}));
  if (answer.status < 500 && error?.code) throw new Refused(error.code);
  throw new Error(`the server answered ${answer.status}`);
}

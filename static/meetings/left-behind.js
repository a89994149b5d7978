// On the page after a room: hands in what its page could not, because it was left, or fell.
import { request } from "../site/post.js";
import { handIn, Refused } from "./hand-in.js";
import { ifLeft, KeptStore, mayHold } from "./kept-store.js";

// ms between two tries: a server waits 15 s for who is gone before it closes their file
const WAITS = [0, 2000, 4000, 8000, 10_000, 10_000];
const HANDING =
  "Handing in what you said while the connection was lost. Keep this page open for a moment.";
const FAILED =
  "What you said while the connection was lost could not be handed in yet. It is tried again on the next page you open here.";
const REFUSED =
  "What you said while the connection was lost was not taken by the server. It is not recorded.";

const DONE = "What you said while the connection was lost is handed in.";

// `say`: shows a sentence; with true as well when there is nothing more to come.
export async function handInLeftBehind(say = sayOnTop) {
  if (!mayHold()) return;
  const store = await KeptStore.open();
  for (const [visit, pieces] of await store.visits())
    await ifLeft(visit, () => settle(store, visit, pieces, say));
  await store.expire();
}

async function settle(store, visit, pieces, say) {
  const { zero, url, seat } = pieces.at(-1); // the newest knows the clock best
  const kept = pieces.flatMap((piece) => piece.packets);
  const packets = kept.map(({ at, data }) => ({ at: at + zero, data }));
  let some = false;
  const onSlice = () => {
    some = true;
    say(HANDING);
  };
  for (const wait of WAITS) {
    await new Promise((resolve) => setTimeout(resolve, wait));
    try {
      const asked = { url, seat, packets, ask: request, onSlice };
      const { settled } = await handIn(asked);
      if (settled <= packets.at(-1).at) continue; // a file is still being closed
      await store.forget(visit);
      if (some) say(DONE, true);
      return;
    } catch (error) {
      if (!(error instanceof Refused)) continue;
      if (error.code === "no_seat") return; // who signs in again has it
      await store.forget(visit);
      if (some) say(REFUSED);
      return;
    }
  }
  if (some) say(FAILED);
}

// A line on top of the page; it is there once.
function sayOnTop(sentence) {
  const known = document.querySelector("[data-left-behind]");
  const line = known ?? document.createElement("p");
  line.dataset.leftBehind = "";
  line.className = "message";
  line.setAttribute("role", "status");
  if (!known) document.querySelector("main").before(line);
  line.textContent = sentence;
}

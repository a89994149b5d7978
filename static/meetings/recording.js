// What the page says of the recording. It is lit only while files are known to be written:
// without a connection the server hears nothing of us, and tells us nothing of the others.
export function known(state, people) {
  if (state === "live") return people;
  return people.map((person) => ({ ...person, recording: false }));
}

const SAYS = {
  connecting: "Connecting...",
  reconnecting: "Reconnecting... You may not be heard.",
  live: "",
};
const LOST = "Reconnecting... You may not be heard, and what you say is not recorded.";
const KEPT =
  "Connection lost. What you say is kept here and handed in when you are back.";
const LONG =
  "Connection lost. The last 10 minutes of what you say are kept here and handed in when you are back.";
const KEPT_MS = 600_000; // as much as kept-sound.js keeps

// The line over the stage; `agreed`: we want to be recorded; `keeps`: what we say is kept
// by this browser; `away`: ms since the connection was lost.
export function connectionLine(state, agreed, keeps = false, away = 0) {
  if (state !== "reconnecting" || !agreed) return SAYS[state];
  if (!keeps) return LOST;
  return away < KEPT_MS ? KEPT : LONG;
}

// The word on the button that changes the choice; `written`: it is being done right now.
export function consentWord(agreed, written) {
  if (!agreed) return "You are not recorded";
  return written ? "You are recorded" : "Not recorded now";
}

// What is lost to the recording. Pictures stop first, so that sound has the last room.
export function failureLine({ code, kind }) {
  const full = code === "disk_full";
  if (kind === "video") {
    const why = full ? "the server's disk is nearly full" : "the server is too slow";
    return `Video is not recorded now: ${why}. Sound and captions go on.`;
  }
  if (code === "disk_slow")
    return "The server's disk is slow: the recording waits. The call and its captions go on.";
  const why = full ? "the server's disk is full" : "the server could not write it";
  return `The recording has a gap: ${why}. The call and its captions go on.`;
}

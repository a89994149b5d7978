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
const AGREED =
  "Reconnecting... You may not be heard, and what you say may not be recorded.";

// The line over the stage; `agreed`: we want to be recorded.
export function connectionLine(state, agreed) {
  return state === "reconnecting" && agreed ? AGREED : SAYS[state];
}

// The word on the button that changes the choice; `written`: it is being done right now.
export function consentWord(agreed, written) {
  if (!agreed) return "You are not recorded";
  return written ? "You are recorded" : "Not recorded now";
}

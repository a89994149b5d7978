// The room: wires the call, our media, the captions and the controls to the page.
import "./spoken-language.js";
import "./copy-link.js";
import { Call } from "./call.js";
import { Captions } from "./captions.js";
import { clockText } from "./clock.js";
import { Controls } from "./controls.js";
import { Door } from "./door.js";
import { Levels } from "./levels.js";
import { OwnMedia } from "./own-media.js";
import { showPeople } from "./people-list.js";
import { connectionLine, known } from "./recording.js";
import { Tiles } from "./tiles.js";
import { TroubleLine } from "./trouble-line.js";

const PAGE_WAIT = 4000; // ms; a network that is away may never answer

const part = (name) => document.querySelector(`[data-${name}]`);
const template = (id) => document.getElementById(id);
const room = part("room");
const me = Number(room.dataset.seat);
const sockets = `${location.protocol === "https:" ? "wss" : "ws"}://${location.host}/ws`;

const tiles = new Tiles(part("tiles"), template("tile"), me);
const levels = new Levels((id, level, speaking) => {
  tiles.level(id, level, speaking && !(id === me && media.muted));
  if (id === me) part("own-level").value = level;
});
const media = new OwnMedia();
const trouble = new TroubleLine(part("trouble"), () => media.listen());
const call = new Call({
  url: `${sockets}/room/${room.dataset.code}/`,
  iceServers: JSON.parse(room.dataset.iceServers),
  media,
  mayEnter,
});
const captions = new Captions({
  list: part("lines"),
  template: template("line"),
  jump: part("jump"),
  empty: part("no-lines"),
  strip: part("strip"),
  latency: part("latency"),
  announce: part("announce"),
});
const controls = new Controls({
  room,
  call,
  media,
  tiles,
  trouble,
  people: () => people,
});

// The room's own page answers who may be in it; a network that is away says nothing.
async function mayEnter() {
  const page = await fetch(location.href, {
    method: "HEAD",
    redirect: "manual",
    signal: AbortSignal.timeout(PAGE_WAIT),
  }).catch(() => null);
  return !page || page.ok || page.status >= 500;
}

let origin = null; // performance.now() at the meeting's zero
const door = new Door({
  room,
  sheet: part("people-sheet"),
  people: () => people,
  onHosts: () => showRecording(),
});

let tracks = new Map();
let people = []; // as the server told them last
let state = "connecting";

function playTracks() {
  tiles.play(tracks, () =>
    trouble.say("sound", "Press any key or click to hear the others."),
  );
}

function showRecording() {
  const now = known(state, people);
  part("rec").hidden = !now.some(({ recording }) => recording);
  showPeople(part("people"), template("person"), now, me, (person) =>
    door.mayRemove(person),
  );
  const self = now.find(({ id }) => id === me);
  if (self) controls.showConsent(self.recorded, self.recording);
}

call.addEventListener("people", ({ detail }) => {
  people = detail.people;
  origin = performance.now() - detail.clock_ms;
  tiles.show(people);
  tiles.showSelf(media.camera);
  playTracks();
  part("head-count").textContent = people.length;
  showRecording();
});

call.addEventListener("tracks", ({ detail }) => {
  tracks = detail;
  for (const [id, { audio }] of tracks) levels.watch(id, audio);
  playTracks();
});

call.addEventListener("state", ({ detail }) => {
  state = detail;
  room.dataset.state = state;
  showRecording();
  trouble.say("call", connectionLine(state, controls.recorded));
  // Guests may read once they are in, and were put out when they were away for long.
  if (state === "live") captions.follow(`${sockets}/captions/${room.dataset.code}/`);
});

call.addEventListener("refused", ({ detail: { code, message } }) => {
  trouble.say(
    "call",
    code === "room_full" ? `The call is full: ${message}. Trying again.` : message,
  );
});

call.addEventListener("failed", ({ detail: { code } }) => {
  const why =
    code === "disk_full"
      ? "the server's disk is full"
      : "the server could not write it";
  trouble.say(
    "recording",
    `The recording has a gap: ${why}. The call and its captions go on.`,
  );
});

call.addEventListener("final", ({ detail: word }) => {
  media.release();
  captions.stop();
  state = room.dataset.state = "final";
  showRecording();
  origin = null;
  if (word === "over") location.replace(room.dataset.overUrl);
  if (word === "revoked")
    trouble.say(
      "final",
      "You can no longer be in this call. Ask the person who invited you.",
    );
  if (word === "replaced")
    trouble.say("final", "You joined from another window, so this one was left.");
});

media.addEventListener("trouble", ({ detail }) =>
  trouble.say("media", detail, Boolean(detail)),
);
media.addEventListener("change", () => {
  levels.watch(me, media.microphone);
  tiles.showSelf(media.camera);
  call.useMedia();
});

for (const gesture of ["pointerdown", "keydown"]) {
  addEventListener(gesture, () => {
    trouble.say("sound", "");
    for (const player of document.querySelectorAll("audio"))
      if (player.srcObject) player.play().catch(() => {});
  });
}

setInterval(() => {
  if (origin !== null)
    part("clock").textContent = clockText(performance.now() - origin);
}, 250);

await media.listen();
call.start();

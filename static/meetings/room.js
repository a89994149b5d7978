// The room: wires the call, our media, the captions and the controls to the page.
import { clockText } from "../site/clock.js";
import { request } from "../site/post.js";
import { addressOf } from "../site/socket.js";
import "./spoken-language.js";
import "./call-title.js";
import "./copy-link.js";
import { Call } from "./call.js";
import { Captions } from "./captions.js";
import { Controls } from "./controls.js";
import { Door } from "./door.js";
import { Levels } from "./levels.js";
import { OwnMedia } from "./own-media.js";
import { Panel } from "./panel.js";
import { showPeople } from "./people-list.js";
import { connectionLine, known } from "./recording.js";
import { Tiles } from "./tiles.js";
import { TroubleLine } from "./trouble-line.js";

const PAGE_WAIT = 4000; // ms; a network that is away may never answer

const part = (name) => document.querySelector(`[data-${name}]`);
const template = (id) => document.getElementById(id);
const room = part("room");
const me = Number(room.dataset.seat);

const tiles = new Tiles(part("tiles"), template("tile"), me);
const levels = new Levels((id, level, speaking) => {
  tiles.level(id, level, speaking && !(id === me && media.muted));
  if (id === me) part("own-level").value = level;
});
const media = new OwnMedia();
const trouble = new TroubleLine(part("trouble"));
const again = {
  microphone: () => media.listen(),
  camera: () => controls.setCamera(true),
};
const call = new Call({
  url: addressOf(`/ws/room/${room.dataset.code}/`),
  iceServers: JSON.parse(room.dataset.iceServers),
  media,
  mayEnter,
  ask: !here(),
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

// "Use here" was pressed: the other window's place is ours. A reload asks anew.
function here() {
  const pressed = new URLSearchParams(location.search).has("here");
  if (pressed) history.replaceState(null, "", location.pathname);
  return pressed;
}

// The room's own page answers who may be in it; a network that is away says nothing.
async function mayEnter() {
  const page = await request(location.href, {
    method: "HEAD",
    redirect: "manual",
    wait: PAGE_WAIT,
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
new Panel(room, part("panel-side"), (name) => name === "people" && door.look());

let tracks = new Map();
let people = []; // as the server told them last
let state = "connecting";

function playTracks() {
  tiles.play(tracks, () =>
    trouble.say("sound", "Press any key or click to hear the others."),
  );
}

// The server gives who has no microphone no seat for sound.
const listens = ({ id, state }) =>
  state === "live" && !(id === me ? media.microphone : tracks.get(id)?.audio);

function showRecording() {
  const now = known(state, people).map((one) => ({ ...one, listens: listens(one) }));
  tiles.show(now);
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
  showRecording();
  tiles.showSelf(media.camera);
  playTracks();
  for (const count of document.querySelectorAll("[data-head-count]"))
    count.textContent = people.length;
});

call.addEventListener("tracks", ({ detail }) => {
  tracks = detail;
  for (const [id, { audio }] of tracks) levels.watch(id, audio);
  showRecording();
  playTracks();
});

call.addEventListener("state", ({ detail }) => {
  state = detail;
  room.dataset.state = state;
  showRecording();
  trouble.say("call", connectionLine(state, controls.recorded));
  // Guests may read once they are in, and were put out when they were away for long.
  if (state === "live")
    captions.follow(addressOf(`/ws/captions/${room.dataset.code}/`));
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
  else showLeft(word);
});

// In the place of the room: why we are out of it, and the ways on.
function showLeft(word) {
  const page = document.querySelector(`[data-left="${word}"]`);
  if (!page) return;
  for (const dialog of document.querySelectorAll("dialog[open]")) dialog.close();
  document.body.classList.add("has-left");
  room.hidden = true;
  page.hidden = false;
  page.querySelector("h1").focus();
}

media.addEventListener("trouble", ({ detail: { device, sentence } }) =>
  trouble.say(device, sentence, again[device]),
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

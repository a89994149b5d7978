// The room: wires the call, our media, the captions and the controls to the page.
import { clockText } from "../site/clock.js";
import { request } from "../site/post.js";
import { addressOf } from "../site/socket.js";
import "./spoken-language.js";
import "./call-title.js";
import "./copy-link.js";
import { Call } from "./call.js";
import { Captions } from "./captions.js";
import { Chat } from "./chat.js";
import { Controls } from "./controls.js";
import { Door } from "./door.js";
import { Keeping } from "./keeping.js";
import { Knocks } from "./knocks.js";
import { handInLeftBehind } from "./left-behind.js";
import { Levels } from "./levels.js";
import { OwnMedia } from "./own-media.js";
import { OwnSilence } from "./own-silence.js";
import { canShare } from "./own-screen.js";
import { Panel } from "./panel.js";
import { heardLine, playersLine, showPeople } from "./people-list.js";
import { connectionLine, failureLine, known } from "./recording.js";
import { ScreenView } from "./screen-view.js";
import { Sharing } from "./sharing.js";
import { TabCall } from "./tab-call.js";
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
const chat = new Chat({
  page: {
    list: part("chat-lines"),
    template: template("chat-line"),
    empty: part("no-chat"),
    form: part("chat-form"),
    announce: part("chat-announce"),
  },
  call,
  me,
  code: room.dataset.code,
});
const keeping = new Keeping({
  room,
  media,
  say: (sentence) => trouble.say("kept", sentence),
});
const controls = new Controls({
  room,
  call,
  media,
  keeping,
  tiles,
  trouble,
  people: () => people,
});

new OwnSilence({ media, levels, me, call, trouble });

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
  onMute: (id) => call.mute(id),
});
const panel = new Panel(room, part("panel-side"), (name) => {
  chat.show(name === "chat");
  if (name === "people") door.look();
});
new Knocks({
  room,
  call,
  line: part("knocks"),
  sheet: part("people-sheet"),
  onSee: () => panel.show("people"),
});

let tracks = new Map();
let people = []; // as the server told them last
let state = "connecting";

const nameOf = (id) => people.find((person) => person.id === id)?.name ?? "Somebody";
const screen = new ScreenView({
  stage: part("stage"),
  box: part("screen"),
  line: part("own-screen"),
  button: part("share"),
});
const sharing = new Sharing({
  call,
  me,
  trouble,
  nameOf,
  onChange: () => screen.showOwn(sharing.own),
});
part("share").hidden = !canShare();
const tab = part("tab-call") && new TabCall({ line: part("tab-call"), room, call });
for (const button of document.querySelectorAll("[data-share], [data-stop-sharing]"))
  button.addEventListener("click", () =>
    sharing.own ? sharing.stop() : sharing.start(),
  );

function playTracks() {
  const blocked = () =>
    trouble.say("sound", "Press any key or click to hear the others.");
  tiles.play(tracks, blocked, tab?.participant); // we hear that call in its own tab
  const { holder } = sharing;
  const name = holder === null || holder === me ? "" : nameOf(holder);
  screen.show(name, tracks.get(holder), blocked);
}

// The server gives who has no microphone no seat for sound.
const listens = ({ id, state }) =>
  state === "live" && !(id === me ? media.microphone : tracks.get(id)?.audio);

function showRecording() {
  const now = known(state, people).map((one) => ({ ...one, listens: listens(one) }));
  tiles.show(now);
  part("rec").hidden = !now.some(({ recording }) => recording);
  showPeople(part("people"), template("person"), now, me, (person) => door.may(person));
  const self = now.find(({ id }) => id === me);
  if (self) controls.showConsent(self.recorded, self.recording);
  keeping.agree(controls.recorded);
}

let lostAt = null; // performance.now() when the connection was lost
let refusal = ""; // why the server did not let us in
let said = ""; // a line is read out: once
function showConnection() {
  const away = lostAt === null ? 0 : performance.now() - lostAt;
  const line = refusal || connectionLine(state, controls.recorded, keeping.keeps, away);
  if (line !== said) trouble.say("call", (said = line));
}

call.addEventListener("people", ({ detail }) => {
  people = detail.people;
  origin = performance.now() - detail.clock_ms;
  showRecording();
  tiles.showSelf(media.camera);
  playTracks();
  for (const count of document.querySelectorAll("[data-head-count]"))
    count.textContent = people.length;
  part("players").textContent = playersLine(detail.players);
  part("players").hidden = !detail.players;
  part("heard").textContent = heardLine(detail.heard);
  part("heard").hidden = !detail.heard;
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
  lostAt = state === "reconnecting" ? (lostAt ?? performance.now()) : null;
  refusal = "";
  showRecording();
  showConnection();
  if (state === "reconnecting") keeping.lose();
  if (state === "live") keeping.back();
  // Guests may read once they are in, and were put out when they were away for long.
  if (state === "live")
    captions.follow(addressOf(`/ws/captions/${room.dataset.code}/`));
});

call.addEventListener("clock", ({ detail }) => keeping.note(detail));

call.addEventListener("refused", ({ detail: { code, message } }) => {
  refusal =
    code === "room_full" ? `The call is full: ${message}. Trying again.` : message;
  showConnection();
});

call.addEventListener("failed", ({ detail }) =>
  trouble.say("recording", failureLine(detail)),
);

call.addEventListener("named", ({ detail }) => {
  document.title = `${detail.name} · Earshot`;
  for (const place of document.querySelectorAll("[data-call-name]"))
    place.textContent = detail.name;
  document.querySelector("call-title")?.show(detail);
});

call.addEventListener("mute", ({ detail: { by } }) => controls.muteFor(by));

call.addEventListener("final", async ({ detail: word }) => {
  media.release();
  captions.stop();
  state = room.dataset.state = "final";
  showRecording();
  origin = null;
  if (word !== "over") showLeft(word);
  await Promise.all([keeping.stop(), tab?.stop()]);
  if (word === "over") location.replace(room.dataset.overUrl);
  else handInLeftBehind();
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
  if (lostAt !== null) showConnection(); // what is true of it changes while it lasts
}, 250);

// What an earlier page of ours could not, because it fell.
handInLeftBehind((sentence, over) => trouble.say("kept", over ? "" : sentence));

await media.listen();
call.start();

// The stage: one tile per person, kept while they are in the call so that nothing jumps.
import { canFill, fill, leave } from "./full-screen.js";
import { useChosen } from "./loudspeaker.js";

// Columns that make `count` tiles of 4:3 largest in a stage of that size.
export function columnsFor(count, width, height) {
  let best = { columns: 1, area: 0 };
  for (let columns = 1; columns <= count; columns++) {
    const rows = Math.ceil(count / columns);
    const w = Math.min(width / columns, (height / rows) * (4 / 3));
    if (w * w > best.area + 1) best = { columns, area: w * w };
  }
  return best.columns;
}

const TROUBLE = {
  joining: "Connecting...",
  interrupted: "Connection lost. Waiting for them.",
};

export class Tiles {
  #tiles = new Map();
  #list;
  #template;
  #me;
  #pinned = null; // id of who is large

  constructor(list, template, me) {
    this.#list = list;
    this.#template = template;
    this.#me = me;
    new ResizeObserver(() => this.#arrange()).observe(list);
  }

  show(people) {
    const here = new Set(people.map(({ id }) => id));
    for (const [id, tile] of this.#tiles) if (!here.has(id)) this.#remove(id, tile);
    for (const person of people) this.#fill(this.#tileOf(person), person);
    this.#arrange();
  }

  // participant -> {audio, video}; `unheard`: whom this computer plays by itself
  play(tracks, onBlocked, unheard = null) {
    for (const [id, tile] of this.#tiles) {
      if (id === this.#me) continue;
      const { audio, video } = tracks.get(id) ?? {};
      tile.querySelector("audio").muted = id === unheard;
      attach(tile.querySelector("audio"), audio)?.catch(onBlocked);
      this.#picture(tile, video);
    }
  }

  showSelf(camera) {
    const tile = this.#tiles.get(this.#me);
    if (tile) this.#picture(tile, camera);
  }

  level(id, level, speaking) {
    const tile = this.#tiles.get(id);
    tile?.style.setProperty("--level", level);
    tile?.classList.toggle("speaking", speaking);
  }

  // On the loudspeaker that was chosen
  async listen() {
    const stage = this.#list.parentElement; // a shared screen may have sound, too
    await Promise.all([...stage.querySelectorAll("audio")].map(useChosen));
  }

  #tileOf({ id }) {
    if (!this.#tiles.has(id)) {
      const tile = this.#template.content.firstElementChild.cloneNode(true);
      if (id === this.#me) tile.classList.add("self");
      tile.dataset.participant = id;
      // The initials stay until the first picture is there.
      tile.querySelector("video").onloadeddata = () =>
        tile.classList.add("has-picture");
      useChosen(tile.querySelector("audio"));
      this.#offer(id, tile);
      this.#tiles.set(id, tile);
      this.#list.append(tile);
    }
    return this.#tiles.get(id);
  }

  #fill(tile, person) {
    const mine = person.id === this.#me;
    tile.className = tile.className.replace(/hue-\d/, "").trim();
    tile.classList.add(`hue-${person.colour}`);
    tile.classList.toggle("interrupted", person.state === "interrupted");
    tile.classList.toggle("of-program", Boolean(person.source));
    tile.querySelector(".face").textContent = person.initials;
    tile.querySelector(".tile-name").textContent = mine
      ? `${person.name} (you)`
      : person.name;
    for (const name of tile.querySelectorAll("[data-whose]"))
      name.textContent = person.name;
    tile.querySelector(".source-badge").hidden = !person.source;
    tile.querySelector(".unrecorded").hidden = person.recorded;
    this.#showMuted(tile, person);
    const trouble = tile.querySelector(".tile-trouble");
    trouble.hidden = mine || !(person.state in TROUBLE);
    trouble.textContent = TROUBLE[person.state] ?? "";
  }

  // Who came without a microphone cannot be heard either; the picture of it is the same.
  #showMuted(tile, { muted, silent, listens, source }) {
    const why = listens && !source ? "no microphone" : muted ? "muted" : "";
    const badge = tile.querySelector(".muted-badge");
    badge.hidden = !why && !silent;
    badge.title = tile.querySelector("[data-why]").textContent =
      why || "microphone sends nothing";
  }

  #picture(tile, track) {
    const video = tile.querySelector("video");
    attach(video, track)?.catch(() => {});
    video.hidden = !track;
    tile.classList.toggle("has-picture", Boolean(track) && video.videoWidth > 0);
  }

  #offer(id, tile) {
    const full = tile.querySelector("[data-fill]");
    full.hidden = !canFill();
    full.addEventListener("click", () => fill(tile));
    tile.querySelector("[data-pin]").addEventListener("click", () => this.#pin(id));
  }

  // Large, the others beside it; again: as the others are.
  #pin(id) {
    this.#pinned = this.#pinned === id ? null : id;
    this.#arrange();
  }

  #remove(id, tile) {
    leave(tile);
    tile.remove();
    this.#tiles.delete(id);
  }

  #arrange() {
    if (!this.#tiles.has(this.#pinned)) this.#pinned = null;
    const large = this.#pinned !== null && this.#tiles.size > 1;
    this.#list.classList.toggle("has-pin", large);
    for (const [id, tile] of this.#tiles) {
      const pinned = id === this.#pinned;
      tile.classList.toggle("pinned", pinned);
      tile.querySelector("[data-pin]").setAttribute("aria-pressed", pinned);
    }
    const { clientWidth, clientHeight } = this.#list;
    const columns = columnsFor(this.#tiles.size, clientWidth, clientHeight);
    this.#list.style.setProperty("--columns", columns);
    this.#list.style.setProperty("--rows", Math.ceil(this.#tiles.size / columns));
  }
}

function attach(player, track) {
  const now = player.srcObject?.getTracks()[0];
  if (now === track) return null;
  player.srcObject = track ? new MediaStream([track]) : null;
  return track ? player.play() : null;
}

// <import-drop>: files dropped anywhere on the page, or chosen, become calls.
import { moment } from "../site/local-dates.js";
import { request } from "../site/post.js";
import {
  callsOf,
  fieldsOf,
  isRecording,
  mayDescribe,
  stemOf,
  toldOf,
} from "./import-calls.js";
import { lineFor, moreLine, refusedLine } from "./import-lines.js";
import { NotTaken, Sender, reasonFor } from "./import-sender.js";
import { Voices, usualNames } from "./import-voices.js";

const SHOWN = 100; // lines of chosen files
const ENDS_ALL = [0, 403, 507]; // statuses after which the next file fails, too
const MAKING = 600_000; // ms in which the server makes a call of the files
const UNKNOWN =
  "The connection broke while the call was made. Look for it in the list of meetings before you try again.";

// Whether a file may have several sound tracks, to its name and type.
export function mayHaveTracks({ name, type }) {
  return type.startsWith("video/") || /\.(mkv|mka|mov|mp4|m4v|m4a|ts|mxf)$/i.test(name);
}

const Element = globalThis.HTMLElement ?? class {};

class ImportDrop extends Element {
  connectedCallback() {
    this.dialog = this.querySelector("dialog");
    this.form = this.querySelector("form");
    this.input = this.querySelector("[type=file]");
    this.veil = this.querySelector(".drop-here");
    this.submit = this.querySelector("button.primary");
    this.split = this.querySelector("[data-split]");
    this.how = this.querySelector("[data-how]");
    this.voices = new Voices(
      this.querySelector("[data-voices]"),
      this.querySelector("[data-voice]"),
    );
    this.input.addEventListener("change", () => this.choose());
    this.how.addEventListener("change", () => this.show());
    this.split.addEventListener("change", () => this.showVoices());
    this.form.addEventListener("submit", (event) => this.send(event));
    this.querySelector("[data-cancel]").addEventListener("click", () =>
      this.dialog.close(),
    );
    this.pauseButton = this.querySelector("[data-pause]");
    this.pauseButton.addEventListener("click", () => this.pause());
    this.dialog.addEventListener("close", () => this.sender?.stop());
    document.addEventListener("click", (event) => {
      if (event.target.closest("[data-import]")) this.dialog.showModal();
    });
    this.watchDrops();
  }

  watchDrops() {
    const carriesFiles = (event) => event.dataTransfer?.types.includes("Files");
    document.addEventListener("dragover", (event) => {
      if (!carriesFiles(event)) return;
      event.preventDefault();
      this.veil.hidden = false;
    });
    document.addEventListener("dragleave", (event) => {
      if (!event.relatedTarget) this.veil.hidden = true;
    });
    document.addEventListener("drop", (event) => {
      if (!carriesFiles(event)) return;
      event.preventDefault();
      this.veil.hidden = true;
      if (this.sender) return;
      this.input.files = event.dataTransfer.files;
      if (!this.dialog.open) this.dialog.showModal();
      this.choose();
    });
  }

  // Other files than before: what describes them is read first.
  async choose() {
    const files = (this.files = [...this.input.files]);
    [this.described, this.rest] = [{}, null];
    this.querySelector("[data-refused]").replaceChildren();
    this.querySelector("[data-described]").textContent = "";
    this.show();
    const tables = files.filter(mayDescribe);
    const answers = await Promise.all(tables.map((file) => this.ask(file)));
    if (files !== this.files) return; // others were chosen meanwhile
    // A JSON file that describes nothing may be a transcript; a table is never one.
    const useless = (file, n) => answers[n].error && /json$/i.test(file.name);
    this.tables = tables.filter((file, n) => !useless(file, n));
    this.tell(answers.filter((_, n) => this.tables.includes(tables[n])));
    this.show();
  }

  async ask(file) {
    const body = new FormData();
    body.append("file", file);
    const answer = await request(this.getAttribute("describe"), {
      method: "POST",
      body,
    }).catch(() => null);
    const said = await answer?.json().catch(() => null);
    if (answer?.ok && said) return { name: file.name, ...said };
    return { error: reasonFor(answer?.status ?? 0, said) };
  }

  tell(answers) {
    const read = answers.filter(({ error }) => !error);
    for (const { calls } of read) Object.assign(this.described, calls);
    const wrong = answers.map(({ error }) => error).filter(Boolean);
    const told = read.length ? toldOf(read, this.files.filter(isRecording)) : [];
    const { calls, left } = callsOf(this.files.filter((f) => !this.tables.includes(f)));
    const names = calls.length ? left.map(({ name }) => name).join(", ") : "";
    if (names) told.push(`Without a recording of their own, left out: ${names}.`);
    this.querySelector("[data-described]").textContent = [...told, ...wrong].join(" ");
  }

  // The calls that the files are, each with what lies beside its recording.
  calls() {
    const files = this.files.filter((file) => !(this.tables ?? []).includes(file));
    const { calls } = callsOf(files);
    if (!calls.length || this.isOne) return files.length ? [files] : [];
    return calls;
  }

  get isOne() {
    return !this.how.hidden && this.form.elements.how.value === "one";
  }

  show() {
    const recordings = this.files.filter(isRecording);
    this.how.hidden = recordings.length < 2;
    const calls = this.calls();
    const single = calls.length < 2;
    const size = (files) => files.reduce((sum, file) => sum + file.size, 0);
    const limit = Number(this.getAttribute("max-bytes"));
    const tooLarge = calls.some((call) => size(call) > limit);
    const lines = this.files.slice(0, SHOWN).map(lineFor);
    if (this.files.length > SHOWN) lines.push(moreLine(this.files.length - SHOWN));
    this.querySelector(".chosen").replaceChildren(...lines);
    this.querySelector("[data-title]").hidden = !single;
    this.querySelector("[data-held-help]").textContent = single
      ? "Empty: as the file or its name says"
      : "Of calls whose file and name do not say it";
    this.split.hidden = !recordings.length || (single && recordings.length > 1);
    this.querySelector("[data-tracks]").hidden = !recordings.some(mayHaveTracks);
    this.showVoices();
    this.complain(tooLarge ? reasonFor(413) : "");
    this.submit.disabled = !calls.length || tooLarge;
  }

  showVoices() {
    const single = this.calls().length < 2;
    const split = !this.split.hidden && this.split.control.checked;
    const recordings = this.files.filter(isRecording);
    this.voices.show(single ? usualNames(recordings, split) : []);
  }

  async send(event) {
    event.preventDefault();
    this.sending(true);
    const calls = this.rest ?? this.calls();
    const [refused, end] = await this.sendCalls(calls);
    this.sender = undefined;
    if (!this.dialog.open) return this.sending(false);
    if (end) location.assign(end);
    else this.report(refused, calls.length);
  }

  // One after the other; what was refused keeps no other one back. The address to go to
  // when all is well.
  async sendCalls(calls) {
    const refused = [];
    let url = "";
    this.total = calls.flat().reduce((sum, { size }) => sum + size, 0) || 1;
    this.before = 0;
    for (const [n, call] of calls.entries()) {
      this.place = calls.length > 1 ? `${n + 1} of ${calls.length}` : "";
      try {
        url = await this.sendCall(call, calls.length === 1);
      } catch (error) {
        refused.push({ call, name: call[0].name, error: error.error ?? error });
        this.rest = ENDS_ALL.includes(error.status) ? calls.slice(n) : null;
        if (this.rest || !this.dialog.open) break;
      }
      this.before += call.reduce((sum, { size }) => sum + size, 0);
    }
    if (refused.length) return [refused, ""];
    return [refused, calls.length === 1 ? url : this.getAttribute("queue")];
  }

  async sendCall(call, single) {
    const share = (part) =>
      (this.before + part * call.reduce((sum, { size }) => sum + size, 0)) / this.total;
    this.sender = new Sender(this.getAttribute("uploads"), call, (part) =>
      this.progress(share(part)),
    );
    const uploads = await this.sender.done;
    return this.import(this.bodyOf(call, uploads, single));
  }

  bodyOf(call, uploads, single) {
    const form = Object.fromEntries(new FormData(this.form));
    form.held = moment(this.querySelector("[data-held]").value);
    const recordings = call.filter(isRecording);
    const described = this.described[stemOf(recordings[0] ?? call[0])];
    const body = new URLSearchParams(fieldsOf(form, described, single));
    if (single)
      for (const key of ["person", "side"])
        for (const value of new FormData(this.form).getAll(key))
          body.append(key, value);
    if (form.stereo && !this.split.hidden) body.set("stereo", form.stereo);
    if (form.tracks && !this.querySelector("[data-tracks]").hidden)
      body.set("tracks", form.tracks);
    for (const id of uploads) body.append("uploads", id);
    return body;
  }

  async import(body) {
    const answer = await request(this.getAttribute("action"), {
      method: "POST",
      body,
      wait: MAKING,
    }).catch(() => null);
    if (!answer) throw new NotTaken(0, { message: UNKNOWN });
    const said = await answer.json?.().catch(() => null);
    if (answer.status === 201) return said.url;
    const message = reasonFor(answer.status, said);
    throw new NotTaken(answer.status, { ...said?.error, message, body });
  }

  report(refused, count) {
    this.sending(false);
    const taken = `${count - refused.length} of ${count} are imported.`;
    if (count > 1 && !this.rest)
      this.querySelector("[data-described]").textContent = taken;
    this.submit.disabled = !this.rest;
    if (refused.length === 1 && this.rest) this.complain(refused[0].error.message);
    const lines = refused.map((one) =>
      refusedLine(one, (line) => this.again(one, line)),
    );
    this.querySelector("[data-refused]").replaceChildren(...(this.rest ? [] : lines));
  }

  // Takes a file that is a call already; it was sent before.
  async again({ error }, line) {
    error.body.set("again", "1");
    try {
      const url = await this.import(error.body);
      const link = document.createElement("a");
      [link.href, link.textContent] = [url, "Imported"];
      line.replaceChildren(link);
    } catch (why) {
      line.querySelector(".error-text").textContent = why.message;
    }
  }

  pause() {
    const paused = this.sender?.pause();
    this.pauseButton.textContent = paused ? "Resume" : "Pause";
  }

  sending(on) {
    this.querySelector(".sending").hidden = !on;
    this.submit.disabled = on;
    this.pauseButton.hidden = !on;
    this.pauseButton.textContent = "Pause";
    this.complain("");
    this.progress(0);
  }

  progress(share) {
    const percent = Math.round(share * 100);
    this.pauseButton.hidden = percent === 100;
    this.querySelector("progress").value = percent;
    const said = percent === 100 ? "Making the call" : `${percent} %`;
    this.querySelector("[data-percent]").textContent = [said, this.place]
      .filter(Boolean)
      .join(", ");
  }

  complain(text) {
    this.querySelector("[role=alert]").textContent = text;
  }
}

globalThis.customElements?.define("import-drop", ImportDrop);

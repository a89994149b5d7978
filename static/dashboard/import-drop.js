// <import-drop>: files dropped anywhere on the page, or chosen, become a call.
import { request, token } from "../site/post.js";

const MEGABYTE = 1024 * 1024;
const SLICE = 8 * MEGABYTE; // the server takes 16 MB at a time
const RETRIES = [0, 1000, 3000, 5000, 10000, 20000]; // ms
const LOOK = 600_000; // ms in which the server looks into the files

export function sizeOf(bytes) {
  const megabytes = bytes / MEGABYTE;
  return megabytes < 1
    ? `${Math.max(1, Math.round(bytes / 1024))} kB`
    : `${megabytes.toFixed(megabytes < 10 ? 1 : 0)} MB`;
}

// Whether a file may have several sound tracks, to its name and type.
export function mayHaveTracks({ name, type }) {
  return type.startsWith("video/") || /\.(mkv|mka|mov|mp4|m4v|m4a|ts|mxf)$/i.test(name);
}

// What a refusal says, also when a proxy answered in our place.
export function reasonFor(status, body) {
  if (body?.error?.message) return body.error.message;
  if (status === 413) return "The files are larger than this server takes.";
  if (status === 0)
    return "The connection broke. Try again: what was sent is kept for a day.";
  return `The server did not take the files (${status}). Try again.`;
}

function lineFor(file) {
  const line = document.createElement("li");
  for (const text of [file.name, sizeOf(file.size)]) {
    const part = document.createElement("span");
    part.textContent = text;
    line.append(part);
  }
  return line;
}

// Sends files one after the other, by tus; one that was begun before goes on there.
class Sender {
  constructor(endpoint, files, onProgress) {
    this.endpoint = endpoint;
    this.all = files.reduce((sum, file) => sum + file.size, 0);
    this.sent = 0; // bytes of the files that are through
    this.onProgress = onProgress;
    this.done = this.sendAll(files);
  }

  async sendAll(files) {
    await import("tus-js-client"); // no module: it fills globalThis.tus
    const ids = [];
    for (const file of files) {
      ids.push(await this.sendOne(file));
      this.sent += file.size;
    }
    this.onProgress(1);
    return ids;
  }

  sendOne(file) {
    return new Promise((resolve, reject) => {
      this.fail = reject;
      this.upload = new globalThis.tus.Upload(file, {
        endpoint: this.endpoint,
        chunkSize: SLICE,
        metadata: { filename: file.name },
        retryDelays: RETRIES,
        removeFingerprintOnSuccess: true,
        onBeforeRequest: (request) => request.setHeader("X-CSRFToken", token()),
        onProgress: (sent) => this.onProgress((this.sent + sent) / (this.all || 1)),
        onSuccess: () => resolve(this.upload.url.split("/").pop()),
        onError: (error) => reject(new Error(reasonOf(error))),
      });
      this.resume();
    });
  }

  async resume() {
    const [before] = await this.upload.findPreviousUploads();
    if (before) this.upload.resumeFromPreviousUpload(before);
    if (!this.stopped) this.upload.start();
  }

  // Pauses or goes on; whether it is paused now.
  pause() {
    if (!this.upload) return false;
    this.paused = !this.paused;
    if (this.paused) this.upload.abort();
    else this.upload.start();
    return this.paused;
  }

  // What has arrived waits a day: the same file goes on there.
  stop() {
    this.stopped = true;
    this.upload?.abort();
    this.fail?.(new Error(""));
  }
}

function reasonOf(error) {
  const response = error.originalResponse;
  let body = null;
  try {
    body = JSON.parse(response?.getBody());
  } catch {
    // no JSON: a proxy answered
  }
  return reasonFor(response?.getStatus() ?? 0, body);
}

const Element = globalThis.HTMLElement ?? class {};

class ImportDrop extends Element {
  connectedCallback() {
    this.dialog = this.querySelector("dialog");
    this.form = this.querySelector("form");
    this.input = this.querySelector("[type=file]");
    this.veil = this.querySelector(".drop-here");
    this.submit = this.querySelector("button.primary");
    this.input.addEventListener("change", () => this.show());
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
      this.show();
    });
  }

  show() {
    const files = [...this.input.files];
    const bytes = files.reduce((sum, file) => sum + file.size, 0);
    const tooLarge = bytes > Number(this.getAttribute("max-bytes"));
    this.querySelector(".chosen").replaceChildren(...files.map(lineFor));
    this.querySelector("[data-split]").hidden = files.length !== 1;
    this.querySelector("[data-tracks]").hidden = !files.some(mayHaveTracks);
    this.complain(tooLarge ? reasonFor(413) : "");
    this.submit.disabled = !files.length || tooLarge;
  }

  async send(event) {
    event.preventDefault();
    const files = [...this.input.files];
    this.sending(true);
    try {
      this.sender = new Sender(this.getAttribute("uploads"), files, (share) =>
        this.progress(share),
      );
      const uploads = await this.sender.done;
      await this.import(uploads, files.length === 1);
    } catch (error) {
      this.sending(false);
      if (this.dialog.open) this.complain(error.message);
    }
    this.sender = undefined;
  }

  async import(uploads, single) {
    const body = new URLSearchParams(new FormData(this.form));
    if (!single) body.delete("stereo");
    if (this.querySelector("[data-tracks]").hidden) body.delete("tracks");
    for (const id of uploads) body.append("uploads", id);
    const answer = await request(this.getAttribute("action"), {
      method: "POST",
      body,
      wait: LOOK,
    }).catch(() => ({ status: 0 }));
    const said = await answer.json?.().catch(() => null);
    if (answer.status !== 201) throw new Error(reasonFor(answer.status, said));
    location.assign(said.url);
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
    this.querySelector("[data-percent]").textContent =
      percent === 100 ? "Looking into the files" : `${percent} %`;
  }

  complain(text) {
    this.querySelector("[role=alert]").textContent = text;
  }
}

globalThis.customElements?.define("import-drop", ImportDrop);

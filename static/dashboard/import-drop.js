// <import-drop>: files dropped anywhere on the page, or chosen, become a call.
const MEGABYTE = 1024 * 1024;

export function sizeOf(bytes) {
  const megabytes = bytes / MEGABYTE;
  return megabytes < 1
    ? `${Math.max(1, Math.round(bytes / 1024))} kB`
    : `${megabytes.toFixed(megabytes < 10 ? 1 : 0)} MB`;
}

// What a refusal says, also when a proxy answered in our place.
export function reasonFor(status, body) {
  if (body?.error?.message) return body.error.message;
  if (status === 413) return "The files are larger than this server takes.";
  if (status === 0) return "The connection broke. Nothing was imported; try again.";
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
    this.dialog.addEventListener("close", () => this.request?.abort());
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
      if (this.request) return;
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
    this.complain(tooLarge ? reasonFor(413) : "");
    this.submit.disabled = !files.length || tooLarge;
  }

  send(event) {
    event.preventDefault();
    const data = new FormData(this.form);
    if (this.input.files.length !== 1) data.delete("stereo");
    const request = (this.request = new XMLHttpRequest());
    request.upload.addEventListener("progress", ({ loaded, total }) =>
      this.progress(loaded / total),
    );
    request.addEventListener("loadend", () => this.answered(request));
    request.open("POST", this.getAttribute("action"));
    request.responseType = "json";
    request.setRequestHeader(
      "X-CSRFToken",
      JSON.parse(document.body.getAttribute("hx-headers"))["X-CSRFToken"],
    );
    this.sending(true);
    request.send(data);
  }

  answered(request) {
    this.request = undefined;
    if (request.status === 201) {
      location.assign(request.response.url);
      return;
    }
    this.sending(false);
    if (this.dialog.open) this.complain(reasonFor(request.status, request.response));
  }

  sending(on) {
    this.querySelector(".sending").hidden = !on;
    this.submit.disabled = on;
    this.complain("");
    this.progress(0);
  }

  progress(share) {
    const percent = Math.round(share * 100);
    this.querySelector("progress").value = percent;
    this.querySelector("[data-percent]").textContent =
      percent === 100 ? "Looking into the files" : `${percent} %`;
  }

  complain(text) {
    this.querySelector("[role=alert]").textContent = text;
  }
}

globalThis.customElements?.define("import-drop", ImportDrop);

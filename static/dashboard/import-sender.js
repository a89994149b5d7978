// Files on their way to the server, by tus, and what its refusals say.
import { token } from "../site/post.js";

const SLICE = 8 * 1024 * 1024; // the server takes 16 MB at a time
const RETRIES = [0, 1000, 3000, 5000, 10000, 20000]; // ms

// What a refusal says, also when a proxy answered in our place.
export function reasonFor(status, body) {
  if (body?.error?.message) return body.error.message;
  if (status === 413) return "The files are larger than this server takes.";
  if (status === 0)
    return "The connection broke. Try again: what was sent is kept for a day.";
  return `The server did not take the files (${status}). Try again.`;
}

// Sends files one after the other, by tus; one that was begun before goes on there.
export class Sender {
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
        onError: (error) => reject(refusalOf(error)),
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

// A refusal of the server; `error`: {code, message, url and title of a call}.
export class NotTaken extends Error {
  constructor(status, error) {
    super(error.message);
    [this.status, this.error] = [status, error];
  }
}

function refusalOf(error) {
  const response = error.originalResponse;
  const status = response?.getStatus() ?? 0;
  let body = null;
  try {
    body = JSON.parse(response?.getBody());
  } catch {
    // no JSON: a proxy answered
  }
  return new NotTaken(status, { ...body?.error, message: reasonFor(status, body) });
}

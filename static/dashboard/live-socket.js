// A websocket that comes back by itself; `onMessage` gets parsed JSON. `onGone` is called
// when there is nothing to come back to: deleted, or not for this reader any more.
const FIRST_WAIT = 500; // milliseconds, doubled up to LONGEST_WAIT
const LONGEST_WAIT = 15_000;
const NO_RIGHT = 4404;

export class LiveSocket {
  constructor(path, onMessage, onGone) {
    this.url = `${location.origin.replace(/^http/, "ws")}${path}`;
    this.onMessage = onMessage;
    this.onGone = onGone;
    this.wait = FIRST_WAIT;
    this.open();
  }

  open() {
    this.socket = new WebSocket(this.url);
    this.socket.addEventListener("open", () => (this.wait = FIRST_WAIT));
    this.socket.addEventListener("message", ({ data }) =>
      this.onMessage(JSON.parse(data)),
    );
    this.socket.addEventListener("close", ({ code }) => {
      if (this.closed) return;
      if (code === NO_RIGHT) return this.onGone();
      this.timer = setTimeout(() => this.open(), this.wait);
      this.wait = Math.min(this.wait * 2, LONGEST_WAIT);
    });
  }

  close() {
    this.closed = true;
    clearTimeout(this.timer);
    this.socket.close();
  }
}

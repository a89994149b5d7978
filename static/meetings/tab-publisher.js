// Sends the sound of another tab as a person of its own, by WHIP (docs/media.md).
import { waitBefore } from "../site/socket.js";
import { gathered, packetsOf, prefer } from "./connection.js";
import { Pulse } from "./pulse.js";

const ANSWER_WAIT = 10_000; // ms
const LOOK = 1000; // ms between looks at the packet counts
const SDP = "application/sdp";

// The server does not want it any more.
export class Stopped extends Error {}

// Events: "state" (detail: connecting, live, lost, stopped)
export class TabPublisher extends EventTarget {
  #address;
  #iceServers;
  #token;
  #track = null;
  #peer = null;
  #session = "";
  #pulse = null;
  #attempt = 0;
  #round = 0;
  #state = "";

  // `address`: where to publish; `token`: resolves to what opens it, now; rejects with
  // Stopped where nothing does.
  constructor({ address, iceServers, token }) {
    super();
    [this.#address, this.#iceServers, this.#token] = [address, iceServers, token];
    setInterval(() => this.#look(), LOOK);
    addEventListener("pagehide", () => this.#hangUp());
  }

  // Send this track from now on, through all trouble, until `stop`.
  start(track) {
    this.stop();
    this.#track = track;
    this.#say("connecting");
    this.#try(++this.#round);
  }

  stop() {
    this.#round++;
    this.#track = null;
    this.#hangUp();
    [this.#attempt, this.#state] = [0, ""];
  }

  async #try(round) {
    try {
      await this.#connect(round);
    } catch (error) {
      if (round !== this.#round) return;
      if (error instanceof Stopped) return this.#say("stopped");
      this.#say("lost");
      setTimeout(() => this.#again(round), waitBefore(this.#attempt++));
    }
  }

  async #connect(round) {
    const peer = new RTCPeerConnection({ iceServers: this.#iceServers });
    this.#peer?.close();
    this.#peer = peer;
    this.#pulse = new Pulse(performance.now());
    peer.onconnectionstatechange = () => this.#changed(peer);
    prefer(peer.addTransceiver(this.#track, { direction: "sendonly" }), "audio");
    await peer.setLocalDescription();
    await gathered(peer);
    const answer = await this.#post(await this.#token(), peer.localDescription.sdp);
    const sdp = await answer.text();
    const session = answer.headers.get("Location");
    if (round !== this.#round) {
      peer.close();
      return end(session);
    }
    this.#session = session;
    await peer.setRemoteDescription({ type: "answer", sdp });
  }

  async #post(token, body) {
    const answer = await fetch(this.#address, {
      method: "POST",
      headers: { Authorization: `Bearer ${token}`, "Content-Type": SDP },
      body,
      signal: AbortSignal.timeout(ANSWER_WAIT),
    });
    if (answer.status === 403) throw new Stopped();
    if (!answer.ok) throw new Error(`the server answered ${answer.status}`);
    return answer;
  }

  #changed(peer) {
    if (peer !== this.#peer) return;
    if (peer.connectionState === "connected") {
      this.#attempt = 0;
      this.#say("live");
    }
    if (peer.connectionState === "failed") this.#again(this.#round);
  }

  async #look() {
    const peer = this.#peer;
    if (!this.#track || peer?.connectionState !== "connected") return;
    const counts = await packetsOf(peer);
    if (peer !== this.#peer) return;
    if (this.#pulse.isStalled(counts, performance.now(), true))
      this.#again(this.#round);
  }

  #again(round) {
    if (round !== this.#round || !this.#track) return;
    this.#say("lost");
    this.#try(++this.#round);
  }

  // The server is told, so that nobody waits for what does not come.
  #hangUp() {
    this.#peer?.close();
    if (this.#session) end(this.#session);
    [this.#peer, this.#session] = [null, ""];
  }

  #say(state) {
    if (state === this.#state) return;
    this.#state = state;
    this.dispatchEvent(new CustomEvent("state", { detail: state }));
  }
}

function end(session) {
  fetch(session, { method: "DELETE", keepalive: true }).catch(() => {});
}

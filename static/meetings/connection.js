// One RTCPeerConnection: two senders of our own, and seats on which others are received.
export const FIRST_SEATS = 3;

const OPUS = (codec) => codec.mimeType === "audio/opus";
const VP8 = (codec) => codec.mimeType === "video/VP8" || codec.mimeType === "video/rtx";
// As programs send it, which know no VP8: one of its forms, for many make an offer long.
const H264 = ({ mimeType, sdpFmtpLine = "" }) =>
  mimeType === "video/H264" &&
  sdpFmtpLine.includes("packetization-mode=1") &&
  sdpFmtpLine.includes("profile-level-id=42");

// Send in Opus or VP8, which all rooms carry, and receive what others may send.
export function prefer(transceiver, kind) {
  const receives = transceiver.direction === "recvonly";
  const picture = (codec) => VP8(codec) || (receives && H264(codec));
  const codecs = RTCRtpReceiver.getCapabilities(kind).codecs;
  transceiver.setCodecPreferences(codecs.filter(kind === "audio" ? OPUS : picture));
}

const GATHERING = 3000; // ms; a relay that does not answer keeps nobody out

// Resolves when all candidates stand in the offer: there is no trickle.
export function gathered(peer) {
  return new Promise((resolve) => {
    setTimeout(resolve, GATHERING);
    const look = () => peer.iceGatheringState === "complete" && resolve();
    peer.addEventListener("icegatheringstatechange", look);
    look();
  });
}

// {sent, received} so far: our media, and whatever the server lets us hear of itself.
// Reports and answers to pings count too, so that the silence of others is no trouble.
export async function packetsOf(peer) {
  const counts = { sent: 0, received: 0 };
  for (const report of (await peer.getStats()).values()) {
    if (report.type === "outbound-rtp") counts.sent += report.packetsSent;
    if (report.type === "transport") counts.received += report.packetsReceived ?? 0;
    if (report.type === "candidate-pair")
      counts.received += report.responsesReceived ?? 0;
  }
  return counts;
}

const CAMERA_BOUNDS = { maxBitrate: 600_000 };
// Letters stay sharp at a few pictures a second; what moves must not fill the line.
const SCREEN_BOUNDS = { maxBitrate: 1_500_000, maxFramerate: 15 };

export class Connection {
  #shared = new Map(); // screen and tab -> transceiver, once they were sent

  constructor({ iceServers, microphone, camera, onFailed }) {
    this.peer = new RTCPeerConnection({ iceServers });
    this.session = "";
    this.pairs = 0;
    // Who has no microphone only listens: a sender without sound would look like trouble.
    this.microphone = microphone ? this.#sender("audio", microphone) : null;
    this.camera = this.#sender("video", camera);
    this.growTo(FIRST_SEATS);
    this.peer.onconnectionstatechange = () => {
      if (this.peer.connectionState === "failed") onFailed();
    };
  }

  get connected() {
    return this.peer.connectionState === "connected";
  }

  // Returns whether pairs were added.
  growTo(wanted) {
    const before = this.pairs;
    for (; this.pairs < wanted; this.pairs++) {
      for (const kind of ["audio", "video"]) {
        prefer(this.peer.addTransceiver(kind, { direction: "recvonly" }), kind);
      }
    }
    return this.pairs > before;
  }

  async offer() {
    await this.peer.setLocalDescription(await this.peer.createOffer());
    await gathered(this.peer);
    return this.peer.localDescription.sdp;
  }

  async accept({ session, sdp }) {
    this.session = session;
    await this.peer.setRemoteDescription({ type: "answer", sdp });
  }

  // Send this screen ({video, audio}), or none. Resolves to whether it takes an offer.
  async showScreen(screen) {
    const before = this.#shared.size;
    await this.#share("screen", "video", screen?.video ?? null);
    await this.#share("tab", "audio", screen?.audio ?? null);
    return this.#shared.size > before;
  }

  // mid -> what we send there, where the order of sections does not say it
  get sources() {
    const named = [...this.#shared].map(([source, { mid }]) => [mid, source]);
    return Object.fromEntries(named);
  }

  async #share(source, kind, track) {
    const there = this.#shared.get(source);
    if (there) await there.sender.replaceTrack(track);
    if (there || !track) return;
    const transceiver = this.peer.addTransceiver(track, {
      direction: "sendonly",
      ...(kind === "video" && { sendEncodings: [SCREEN_BOUNDS] }),
    });
    prefer(transceiver, kind);
    this.#shared.set(source, transceiver);
  }

  // mid -> {participant, kind, source} becomes participant -> {audio, video, screen, tab}
  tracksOf(seats) {
    const tracks = new Map();
    for (const { mid, receiver } of this.peer.getTransceivers()) {
      const seat = seats[mid];
      if (!seat) continue;
      const shared = seat.source === "screen" || seat.source === "tab";
      tracks.set(seat.participant, {
        ...tracks.get(seat.participant),
        [shared ? seat.source : seat.kind]: receiver.track,
      });
    }
    return tracks;
  }

  packets() {
    return packetsOf(this.peer);
  }

  close() {
    this.peer.onconnectionstatechange = null;
    this.peer.close();
  }

  #sender(kind, track) {
    const transceiver = this.peer.addTransceiver(track ?? kind, {
      direction: "sendonly",
      ...(kind === "video" && { sendEncodings: [CAMERA_BOUNDS] }),
    });
    prefer(transceiver, kind);
    return transceiver.sender;
  }
}

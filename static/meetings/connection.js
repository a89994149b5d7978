// One RTCPeerConnection: two senders of our own, and seats on which others are received.
export const FIRST_SEATS = 3;

const OPUS = (codec) => codec.mimeType === "audio/opus";
const VP8 = (codec) => codec.mimeType === "video/VP8" || codec.mimeType === "video/rtx";

function prefer(transceiver, kind) {
  const codecs = RTCRtpReceiver.getCapabilities(kind).codecs;
  transceiver.setCodecPreferences(codecs.filter(kind === "audio" ? OPUS : VP8));
}

function gathered(peer) {
  return new Promise((resolve) => {
    const look = () => peer.iceGatheringState === "complete" && resolve();
    peer.addEventListener("icegatheringstatechange", look);
    look();
  });
}

export class Connection {
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

  growTo(wanted) {
    for (; this.pairs < wanted; this.pairs++) {
      for (const kind of ["audio", "video"]) {
        prefer(this.peer.addTransceiver(kind, { direction: "recvonly" }), kind);
      }
    }
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

  // mid -> {participant, kind} becomes participant -> {audio, video} tracks
  tracksOf(seats) {
    const tracks = new Map();
    for (const { mid, receiver } of this.peer.getTransceivers()) {
      const seat = seats[mid];
      if (!seat) continue;
      tracks.set(seat.participant, {
        ...tracks.get(seat.participant),
        [seat.kind]: receiver.track,
      });
    }
    return tracks;
  }

  // {sent, received} so far: our media, and whatever the server lets us hear of itself.
  // Reports and answers to pings count too, so that the silence of others is no trouble.
  async packets() {
    const counts = { sent: 0, received: 0 };
    for (const report of (await this.peer.getStats()).values()) {
      if (report.type === "outbound-rtp") counts.sent += report.packetsSent;
      if (report.type === "transport") counts.received += report.packetsReceived ?? 0;
      if (report.type === "candidate-pair")
        counts.received += report.responsesReceived ?? 0;
    }
    return counts;
  }

  close() {
    this.peer.onconnectionstatechange = null;
    this.peer.close();
  }

  #sender(kind, track) {
    const transceiver = this.peer.addTransceiver(track ?? kind, {
      direction: "sendonly",
    });
    prefer(transceiver, kind);
    return transceiver.sender;
  }
}

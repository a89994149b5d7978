// The smallest client of docs/signalling.md: window.call is what the tests look at.
const SEATS = 3;

class Call {
  constructor(url) {
    this.url = url;
    this.seats = {};
    this.errors = [];
  }

  async start({ camera, seats = SEATS }) {
    this.media = await navigator.mediaDevices.getUserMedia({ audio: true, video: camera });
    this.socket = new WebSocket(this.url);
    this.socket.onmessage = (event) => this.hear(JSON.parse(event.data));
    await new Promise((resolve) => (this.socket.onopen = resolve));
    await this.connect(seats);
  }

  async connect(seats = SEATS) {
    this.pc?.close();
    this.pc = new RTCPeerConnection({ bundlePolicy: "max-bundle" });
    this.pc.addTransceiver(this.media.getAudioTracks()[0], { direction: "sendonly" });
    const camera = this.pc.addTransceiver(this.media.getVideoTracks()[0] ?? "video", {
      direction: "sendonly",
    });
    preferVP8(camera);
    this.camera = camera.sender;
    this.session = null;
    this.receivers = 0;
    this.addSeats(seats);
    await this.negotiate("join");
  }

  addSeats(wanted) {
    for (; this.receivers < wanted; this.receivers++) {
      this.pc.addTransceiver("audio", { direction: "recvonly" });
      preferVP8(this.pc.addTransceiver("video", { direction: "recvonly" }));
    }
  }

  async negotiate(type) {
    this.negotiating = true;
    await this.pc.setLocalDescription();
    await gathered(this.pc);
    this.socket.send(JSON.stringify({ type, sdp: this.pc.localDescription.sdp }));
  }

  async hear(message) {
    if (message.type === "error") return this.errors.push(message);
    if (message.type === "answer") {
      await this.pc.setRemoteDescription({ type: "answer", sdp: message.sdp });
      this.session = message.session;
      this.negotiating = false;
    }
    if (message.session !== this.session) return;
    this.seats = message.seats;
    this.wanted = message.wanted;
    await this.grow();
  }

  async grow() {
    if (this.negotiating || this.receivers >= this.wanted) return;
    this.addSeats(this.wanted);
    await this.negotiate("offer");
  }

  trackOf(participant, kind) {
    const mid = Object.keys(this.seats).find(
      (mid) => this.seats[mid].participant === participant && this.seats[mid].kind === kind,
    );
    return this.pc.getTransceivers().find((t) => t.mid === mid)?.receiver.track;
  }

  async inbound(participant, kind) {
    const track = this.trackOf(participant, kind);
    if (!track) return null;
    const report = await this.pc.getStats(track);
    return [...report.values()].find((stat) => stat.type === "inbound-rtp") ?? null;
  }
}

function preferVP8(transceiver) {
  const codecs = RTCRtpReceiver.getCapabilities("video").codecs;
  const wanted = ["video/VP8", "video/rtx"];
  transceiver.setCodecPreferences(codecs.filter((c) => wanted.includes(c.mimeType)));
}

function gathered(pc) {
  if (pc.iceGatheringState === "complete") return Promise.resolve();
  return new Promise((resolve) => {
    pc.addEventListener("icegatheringstatechange", () => {
      if (pc.iceGatheringState === "complete") resolve();
    });
  });
}

window.Call = Call;

// A WebRTC stack that nobody here wrote: node werift_peer.mjs publish|play URL TOKEN ...
import { readFileSync } from "node:fs";
import {
  MediaStreamTrack,
  RTCPeerConnection,
  RtpHeader,
  RtpPacket,
  useOPUS,
} from "werift";

const PACKET = 20; // ms
const SAMPLES = 960; // of 48 kHz in a packet

const [what, url, token, argument] = process.argv.slice(2);
const peer = new RTCPeerConnection({
  iceServers: [{ urls: "stun:127.0.0.1:9" }], // without one it asks Google's
  codecs: { audio: [useOPUS()], video: [] },
});

// Offer, and take the answer; resolves to the address of the session.
async function begin() {
  await peer.setLocalDescription(await peer.createOffer());
  await until(() => peer.localDescription.sdp.includes("a=candidate"));
  const headers = {
    Authorization: `Bearer ${token}`,
    "Content-Type": "application/sdp",
  };
  const body = peer.localDescription.sdp;
  const answer = await fetch(url, { method: "POST", headers, body });
  if (answer.status !== 201) throw new Error(`${answer.status} ${await answer.text()}`);
  await peer.setRemoteDescription({ type: "answer", sdp: await answer.text() });
  await until(() => peer.connectionState === "connected");
  return new URL(answer.headers.get("Location"), url).href;
}

// Always waits, so that what comes in has a turn.
async function until(holds) {
  do await new Promise((resolve) => setTimeout(resolve, 5));
  while (!holds());
}

async function end(session) {
  const { status } = await fetch(session, { method: "DELETE" });
  await peer.close();
  const told = JSON.stringify({ status, packets: heard });
  process.stdout.write(`${told}\n`, () => process.exit()); // its sockets stay open
}

// `argument`: a file with the packets to send over and over, as a list of base64; until
// SIGTERM.
async function publish() {
  const packets = JSON.parse(readFileSync(argument, "utf8"));
  const track = new MediaStreamTrack({ kind: "audio" });
  peer.addTransceiver(track, { direction: "sendonly" });
  const session = await begin();
  const began = performance.now();
  let ended = false;
  process.on("SIGTERM", () => (ended = true));
  for (let n = 0; !ended; n++) {
    await until(() => performance.now() >= began + n * PACKET);
    const place = { sequenceNumber: n + 1, timestamp: n * SAMPLES, payloadType: 96 };
    const payload = Buffer.from(packets[n % packets.length], "base64");
    track.writeRtp(new RtpPacket(new RtpHeader(place), payload));
  }
  await end(session);
}

const heard = [];

// `argument`: how many packets are enough.
async function play() {
  peer.addTransceiver("audio", { direction: "recvonly" });
  const take = ({ payload }) => heard.push(payload.toString("base64"));
  peer.onTrack.subscribe((track) => track.onReceiveRtp.subscribe(take));
  const session = await begin();
  await until(() => heard.length >= Number(argument));
  await end(session);
}

await { publish, play }[what]();

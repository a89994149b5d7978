// Being in a call and staying in it: joins, follows the seats, joins again after trouble.
import { waitBefore } from "../site/socket.js";
import { Connection } from "./connection.js";
import { Doubt, Pulse } from "./pulse.js";
import { Signalling } from "./signalling.js";

const LOOK = 500; // ms between looks at the packet counts
const ANSWER_WAIT = 10_000;
// What the server tells that is none of our business here
const TOLD = new Set([
  ...["people", "failed", "mute", "chat", "chat_so_far", "unsaid", "knocks"],
]);

// Events: "people" (detail: the message), "tracks" (detail: participant -> {audio, video,
// screen, tab}), "state" (detail: connecting, live or reconnecting), "clock" (detail:
// clock_ms, sent, received), "final", "failed", "mute" (detail: by), "refused"; "chat",
// "chat_so_far", "unsaid" and "knocks" (detail: the message); "named" (detail: name, title).
export class Call extends EventTarget {
  #signalling;
  #connection = null;
  #pulse = null;
  #doubt = new Doubt(performance.now(), LOOK);
  #doubted = false; // we say that the connection is lost, and wait whether it is
  #waiting = null; // resolves with the answer of the negotiation that is under way
  #queue = Promise.resolve();
  #attempt = 0;
  #round = 0;
  #retry = 0;
  #over = false;
  #state = "";
  #muted = false;
  #silent = false;
  #asked = null; // resolves with the answer to "share"

  constructor({ url, iceServers, media, mayEnter, ask }) {
    super();
    Object.assign(this, { iceServers, media });
    this.#signalling = new Signalling(url, mayEnter, { ask });
    this.#signalling.addEventListener("open", () => this.#join());
    this.#signalling.addEventListener("message", ({ detail }) => this.#hear(detail));
    this.#signalling.addEventListener("pong", ({ detail }) =>
      this.#tell("clock", detail),
    );
    this.#signalling.addEventListener("lost", () => this.#lost());
    this.#signalling.addEventListener("final", ({ detail }) => this.#finish(detail));
    setInterval(() => this.#look(), LOOK);
  }

  start() {
    this.#say("connecting");
    this.#signalling.open();
  }

  leave() {
    this.#over = true;
    this.#signalling.send({ type: "leave" });
    this.#connection?.close();
  }

  // What we send was changed: put the new tracks on the senders we have.
  async useMedia() {
    const connection = this.#connection;
    if (!connection) return;
    if (Boolean(connection.microphone) !== Boolean(this.media.microphone))
      return this.#rejoin();
    await connection.microphone?.replaceTrack(this.media.microphone);
    await connection.camera.replaceTrack(this.media.camera);
  }

  setMuted(muted) {
    this.#muted = muted;
    this.#signalling.send({ type: "muted", muted });
  }

  // Our microphone sends nothing, though we are not muted; or it does again.
  setSilent(silent) {
    this.#silent = silent;
    this.#signalling.send({ type: "silent", silent });
  }

  // What only a host may: the other's browser mutes them.
  mute(participant) {
    this.#signalling.send({ type: "mute", participant });
  }

  // Say something in writing; "chat" or "unsaid" with this key answers.
  write(key, text) {
    this.#signalling.send({ type: "chat", key, text });
  }

  // Ask for what was written behind this message.
  readChat(after) {
    this.#signalling.send({ type: "read_chat", after });
  }

  // Ask for the room's screen, also where `insteadOf` has it. Resolves to who has it then;
  // null when nobody answered.
  share(insteadOf) {
    return new Promise((resolve) => {
      this.#asked?.(null);
      const timer = setTimeout(() => this.#asked?.(null), ANSWER_WAIT);
      this.#asked = (holder) => {
        clearTimeout(timer);
        this.#asked = null;
        resolve(holder);
      };
      this.#signalling.send({ type: "share", instead_of: insteadOf });
    });
  }

  unshare() {
    this.#signalling.send({ type: "unshare" });
  }

  // Send this screen ({video, audio}) from now on, or none.
  useScreen(screen) {
    this.#change((connection) => connection.showScreen(screen));
  }

  // At most one join counts: asking again gives up the one that is under way.
  #join() {
    const round = this.#abandon();
    this.#queue = this.#queue
      .then(() => this.#tryJoin(round))
      .catch((error) => this.#tryAgain(error, round));
  }

  #abandon() {
    clearTimeout(this.#retry);
    this.#waiting?.({ type: "error", detail: "given up" });
    return ++this.#round;
  }

  async #tryJoin(round) {
    if (this.#over || round !== this.#round) return;
    this.#connection?.close();
    const { microphone, camera } = this.media;
    const onFailed = () => this.#rejoin();
    const connection = new Connection({
      iceServers: this.iceServers,
      microphone,
      camera,
      onFailed,
    });
    this.#connection = connection;
    this.#pulse = new Pulse(performance.now());
    await this.#negotiate(connection, "join");
    this.#attempt = 0;
    if (this.#muted) this.setMuted(true);
    if (this.#silent) this.setSilent(true);
  }

  async #negotiate(connection, type) {
    const sdp = await connection.offer();
    if (connection !== this.#connection) return;
    const answered = this.#answer();
    this.#signalling.send({ type, sdp, sources: connection.sources });
    const answer = await answered;
    if (connection !== this.#connection) return;
    await connection.accept(answer);
    this.#seat(answer);
    this.#say("live");
  }

  #answer() {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error("no answer")), ANSWER_WAIT);
      this.#waiting = (message) => {
        clearTimeout(timer);
        this.#waiting = null;
        if (message.type === "answer") resolve(message);
        else reject(Object.assign(new Error(message.detail), { code: message.code }));
      };
    });
  }

  #hear(message) {
    if (message.type === "answer" || message.type === "error") this.#waiting?.(message);
    else if (message.type === "seats") this.#seat(message);
    else if (message.type === "sharing") this.#asked?.(message.participant);
    else if (TOLD.has(message.type)) this.#tell(message.type, message);
    else if ("name" in message) this.#tell("named", message);
    else if (message.type === "restarting") this.#say("reconnecting");
  }

  #seat({ session, seats, wanted }) {
    const connection = this.#connection;
    if (!connection || session !== connection.session) return;
    this.#tell("tracks", connection.tracksOf(seats));
    if (wanted > connection.pairs) this.#change((one) => one.growTo(wanted));
  }

  // Change the connection there is; `change` resolves to whether it takes an offer.
  #change(change) {
    const [connection, round] = [this.#connection, this.#round];
    if (!connection) return;
    this.#queue = this.#queue
      .then(async () => {
        if (connection !== this.#connection) return;
        if (await change(connection)) await this.#negotiate(connection, "offer");
      })
      .catch((error) => this.#tryAgain(error, round));
  }

  async #look() {
    const connection = this.#connection;
    if (!connection?.connected || this.#over) return;
    const counts = await connection.packets();
    const sending = Boolean(connection.microphone);
    if (connection !== this.#connection) return;
    const now = performance.now();
    if (this.#pulse.isStalled(counts, now, sending)) return this.#rejoin();
    const heard = [this.#pulse.receivedAt, this.#signalling.heardAt];
    this.#judge(this.#doubt.isUnheard(heard, now));
  }

  #judge(unheard) {
    if (unheard && this.#state === "live") {
      this.#say("reconnecting");
      this.#doubted = true;
    } else if (unheard === false && this.#doubted) this.#say("live");
  }

  // Without a socket there is nothing to ask: it joins when it is open again.
  #rejoin() {
    if (this.#over) return;
    this.#say("reconnecting");
    if (this.#signalling.isOpen) this.#join();
  }

  #tryAgain(error, round) {
    if (this.#over || round !== this.#round) return;
    this.#say("reconnecting");
    if (error.code) this.#tell("refused", error);
    this.#retry = setTimeout(() => this.#rejoin(), waitBefore(this.#attempt++));
  }

  #lost() {
    this.#abandon();
    this.#say("reconnecting");
  }

  #finish(word) {
    this.#over = true;
    this.#connection?.close();
    this.#tell("final", word);
  }

  #say(state) {
    this.#doubted = false;
    if (state === this.#state) return;
    this.#state = state;
    this.#tell("state", state);
  }

  #tell(type, detail) {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }
}

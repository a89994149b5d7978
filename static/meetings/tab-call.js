// The line in the room that records a call in another tab: asks for the tab, sends its
// sound, keeps it while it cannot be sent, and says at all times whether it is recorded.
import { request } from "../site/post.js";
import { openTab, whyNoTab } from "./another-tab.js";
import { whyNot } from "./own-screen.js";
import { Keeping } from "./keeping.js";
import { Stopped, TabPublisher } from "./tab-publisher.js";

const CHOOSE = "Choose the tab";
const AGAIN = "Choose the tab again";
const NO_SOUND =
  "That came without sound. Choose a tab, not a window, and switch on “Also share tab audio”.";
const ENDED = "Sharing has ended. The other side is not recorded.";
const STOPPED = "This was stopped. The other side is not recorded.";
const KEPT =
  "Connection lost. The sound of the tab is kept here and handed in when it is back.";
const LOST = "Connection lost. The other side is not recorded.";
const MARK = "Not recorded: ";
const CONNECTING = "Connecting the sound of the tab...";

// What the line says, [sentence, is it being recorded]
export function lineOf(state, name, keeps = false) {
  const says = {
    nothing: ["The other side is not recorded yet."],
    silent: [NO_SOUND],
    ended: [ENDED],
    stopped: [STOPPED],
    connecting: [CONNECTING],
    lost: [keeps ? KEPT : LOST],
    live: [`${name} is recorded. Muted in the other call? Mute here as well.`, true],
  };
  const [sentence, recorded = false] = says[state] ?? [state];
  return { sentence, recorded };
}

// What of it Keeping needs: the tab's sound in the place of a microphone.
class TabMedia extends EventTarget {
  microphone = null;
  muted = false;

  use(track) {
    this.microphone = track;
    this.dispatchEvent(new Event("change"));
  }
}

export class TabCall {
  #line;
  #tab = null; // {sound, stop} while it is shared
  #media = new TabMedia();
  #keeping;
  #publisher;
  #state = "nothing";
  #sending = ""; // how the publisher is
  #away = false; // the call says that it is lost
  #taken = false; // the server has had sound of it: what it misses it takes afterwards

  // `line`: the element [data-tab-call]; `room`: [data-room]; `call`: the Call of the page
  constructor({ line, room, call }) {
    this.#line = line;
    const { whip, tokenUrl, keptUrl } = line.dataset;
    this.#keeping = new Keeping({
      room: { dataset: { ...room.dataset, keptUrl, seat: line.dataset.participant } },
      media: this.#media,
      say: (sentence) => (this.#part("kept").textContent = sentence),
    });
    this.#publisher = new TabPublisher({
      address: whip,
      iceServers: JSON.parse(room.dataset.iceServers),
      token: () => newToken(tokenUrl),
    });
    this.#publisher.addEventListener("state", ({ detail }) =>
      this.#heard((this.#sending = detail)),
    );
    call.addEventListener("state", ({ detail }) => {
      this.#away = detail === "reconnecting";
      this.#heard(this.#sending);
    });
    call.addEventListener("clock", ({ detail }) => this.#keeping.note(detail));
    this.#part("share").addEventListener("click", () => this.#share());
    this.#part("stop").addEventListener("click", () => this.#end("ended"));
    setInterval(() => this.#state === "lost" && this.#show("lost"), 1000);
    this.#show(whyNoTab() || "nothing");
  }

  get participant() {
    return Number(this.#line.dataset.participant);
  }

  // Resolves when what is kept lies on the disk.
  stop() {
    this.#tab?.stop();
    this.#tab = null;
    this.#publisher.stop();
    this.#line.hidden = true;
    mark(true);
    return this.#keeping.stop();
  }

  async #share() {
    try {
      this.#use(await openTab(() => this.#end("ended")));
    } catch (error) {
      const why = whyNot(error);
      if (why) this.#show(why);
    }
  }

  #use(tab) {
    if (!tab.sound) return this.#show("silent");
    this.#tab?.stop();
    this.#tab = tab;
    this.#media.use(tab.sound);
    this.#keeping.agree(true);
    this.#publisher.start(tab.sound);
  }

  // The call's own connection is looked at more closely: where it is lost, so is this.
  #heard(sending) {
    if (!this.#tab) return;
    const state = sending === "live" && this.#away ? "lost" : sending;
    if (state === "lost") this.#keeping.lose();
    if (state === "live") {
      this.#taken = true;
      this.#keeping.back();
    }
    if (state !== "stopped") return this.#show(state);
    this.#keeping.agree(false);
    this.#end("stopped");
  }

  #end(state) {
    this.#tab?.stop();
    this.#tab = null;
    this.#media.use(null);
    this.#publisher.stop();
    this.#show(state);
  }

  #show(state) {
    const keeps = this.#taken && this.#keeping.keeps;
    const { sentence, recorded } = lineOf(state, this.#line.dataset.name, keeps);
    this.#state = state;
    this.#line.dataset.recorded = recorded;
    const said = this.#part("said");
    if (said.textContent !== sentence) said.textContent = sentence; // read out once
    this.#part("share").hidden = Boolean(this.#tab) || Boolean(whyNoTab());
    this.#part("share").textContent = state === "nothing" ? CHOOSE : AGAIN;
    this.#part("stop").hidden = !this.#tab;
    mark(recorded);
  }

  #part(name) {
    return this.#line.querySelector(`[data-tab-${name}]`);
  }
}

// Whoever records looks at the other tab: the title of this one is what they see of us.
function mark(recorded) {
  const title = document.title.replace(MARK, "");
  document.title = recorded ? title : MARK + title;
}

async function newToken(url) {
  const answer = await request(url, { method: "POST" });
  if (answer.status === 404) throw new Stopped();
  if (!answer.ok) throw new Error(`the server answered ${answer.status}`);
  return (await answer.json()).token;
}

import assert from "node:assert/strict";
import { test } from "node:test";
import { handIn, Refused } from "../../static/meetings/hand-in.js";
import {
  ArrivalClock,
  KEPT,
  MeetingClock,
  pack,
  Ring,
  slicesOf,
} from "../../static/meetings/kept-sound.js";
import { canEncode } from "../../static/meetings/sound-keeper.js";

const data = Uint8Array.of(0xf8, 0xff, 0xfe);

// Packets of 20 ms from one time to another
const sound = (from, to) =>
  Array.from({ length: Math.round((to - from) / 20) }, (_, n) => ({
    at: from + 20 * n,
    data,
  }));

const times = (slices) => slices.map((one) => [one[0].at, one.at(-1).at + 20]);

test("it takes the meeting's clock from the quickest round trip", () => {
  const clock = new MeetingClock();
  assert.equal(clock.zero, null);
  clock.note(50_000, 1000, 1800); // held up on one way
  clock.note(53_020, 4000, 4040);
  clock.note(56_500, 7000, 7600);
  assert.equal(clock.zero, 49_000);
});

test("it forgets a quick round trip in time: clocks drift", () => {
  const clock = new MeetingClock();
  clock.note(50_000, 1000, 1010);
  for (let n = 1; n <= 60; n++)
    clock.note(50_100 + 1000 * n, 1000 + 1000 * n, 1100 + 1000 * n);
  assert.equal(clock.zero, 49_050);
});

test("it tells when a block was heard although it was told late", () => {
  const clock = new ArrivalClock();
  for (const [time, arrival] of [
    [20, 1025],
    [40, 1190],
    [60, 1191],
    [80, 1192],
  ])
    clock.note(time, arrival);
  assert.equal(clock.at(80), 1085);
});

test("it keeps ten minutes", () => {
  const ring = new Ring();
  for (const packet of sound(0, KEPT + 60_000)) ring.add(packet);
  const { packets } = ring;
  assert.ok(packets.at(-1).at - packets[0].at <= KEPT + 1000);
  assert.equal(packets.at(-1).at, KEPT + 59_980);
  ring.clear();
  assert.equal(ring.packets.length, 0);
});

test("it hands in just what is missing", () => {
  const packets = sound(0, 10_000);
  const slices = slicesOf(packets, [
    [2000, 3000],
    [8005, 8500],
  ]);
  assert.deepEqual(times(slices), [
    [2000, 3020],
    [8020, 8520],
  ]);
});

test("it makes a slice of each stretch, and none of what is too short", () => {
  const muted = [...sound(1000, 2000), ...sound(5000, 6000), ...sound(8000, 8040)];
  assert.deepEqual(times(slicesOf(muted, [[0, 10_000]])), [
    [1000, 2000],
    [5000, 6000],
  ]);
});

test("it cuts a long stretch so that a slow line gets a slice through", () => {
  const slices = slicesOf(sound(0, 150_000), [[0, 150_000]]);
  assert.deepEqual(times(slices), [
    [0, 60_000],
    [60_000, 120_000],
    [120_000, 150_000],
  ]);
});

test("it leaves out what a clock that was set right would say twice", () => {
  const packets = [...sound(0, 1000), ...sound(970, 2000)];
  const [slice, ...others] = slicesOf(packets, [[0, 2000]]);
  assert.equal(others.length, 0);
  for (let n = 1; n < slice.length; n++) assert.ok(slice[n].at > slice[n - 1].at);
});

test("it writes time, length and packet", () => {
  assert.deepEqual(
    [...pack([{ at: 66_051.4, data }])],
    [0, 1, 2, 3, 0, 3, 0xf8, 0xff, 0xfe],
  );
});

// A server that answers in turn; what it was sent is in `bodies`.
function server(...answers) {
  const bodies = [];
  const ask = async (url, { method = "GET", body } = {}) => {
    if (method === "POST") bodies.push(body.size);
    const [status, told] = answers.shift();
    const json = async () => {
      if (!told) throw new SyntaxError("no JSON");
      return told;
    };
    return { status, ok: status < 400, json };
  };
  return { ask, bodies };
}

const standing = (missing, settled_ms, participant = 7) => [
  200,
  { participant, missing, settled_ms },
];
const kept = { url: "/", seat: 7, packets: sound(0, 10_000) };

test("it sends what is missing and tells until when all is known", async () => {
  const { ask, bodies } = server(standing([[2000, 3000]], 5000), standing([], 5100));
  const done = await handIn({ ...kept, ask });
  assert.deepEqual(done, { sent: 1, settled: 5100 });
  assert.deepEqual(bodies, [51 * 9]);
});

test("it sends nothing where nothing is missing", async () => {
  const { ask, bodies } = server(standing([], 5000));
  assert.deepEqual(await handIn({ ...kept, ask }), { sent: 0, settled: 5000 });
  assert.deepEqual(bodies, []);
});

test("it goes on where another page was quicker", async () => {
  const { ask } = server(
    standing(
      [
        [2000, 3000],
        [5000, 6000],
      ],
      7000,
    ),
    [409],
    standing([], 7100),
  );
  assert.equal((await handIn({ ...kept, ask })).settled, 7100);
});

test("it tells a refusal for good from one that passes", async () => {
  const told = (code) => ({ error: { code } });
  for (const [status, code] of [
    [403, "unrecorded"],
    [404, "no_seat"],
    [410, "too_late"],
  ])
    await assert.rejects(
      handIn({ ...kept, ask: server([status, told(code)]).ask }),
      (error) => error instanceof Refused && error.code === code,
    );
  // busy, a stale token, a proxy's page, a full disk: what is kept is not to be deleted
  for (const answer of [[429], [403], [404], [503], [507, told("not_written")]])
    await assert.rejects(
      handIn({ ...kept, ask: server(answer).ask }),
      (error) => !(error instanceof Refused),
    );
});

test("it sends nothing of one person to the seat of another", async () => {
  const { ask, bodies } = server(standing([[2000, 3000]], 5000, 8));
  await assert.rejects(handIn({ ...kept, ask }), Refused);
  assert.deepEqual(bodies, []);
});

test("it knows a browser that cannot keep sound", async () => {
  const encoder = (supported) => ({ isConfigSupported: async () => ({ supported }) });
  const full = { AudioEncoder: encoder(true), AudioWorkletNode: class {} };
  assert.equal(await canEncode(full), true);
  assert.equal(await canEncode({ ...full, AudioEncoder: encoder(false) }), false);
  assert.equal(await canEncode({ ...full, AudioEncoder: undefined }), false);
  assert.equal(await canEncode({ ...full, AudioWorkletNode: undefined }), false);
});

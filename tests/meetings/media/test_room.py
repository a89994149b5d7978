"""A room with browsers made of aiortc, over the machine's real network."""

import asyncio
import os
import re
import socket
import time
from collections.abc import AsyncIterator
from itertools import pairwise
from typing import Any

import numpy as np
import pytest

from meetings.media import aiortc_compat
from meetings.media.aiortc_compat import rtp
from meetings.media.config import MediaConfig
from meetings.media.egress.manifest import RecordingManifest
from meetings.media.egress.stems import opus_packets
from meetings.media.errors import (
    BadOffer,
    RoomClosed,
    RoomFull,
    SessionNotFound,
)
from meetings.media.events import (
    Compared,
    Interrupted,
    Joined,
    Left,
    RecordedChanged,
    Resumed,
    SeatsChanged,
    SegmentClosed,
    SegmentOpened,
    SoundBegan,
    SoundEnded,
    TrackPublished,
    TrackUnpublished,
)
from meetings.media.packets import OPUS_SILENCE, is_vp8_keyframe
from meetings.media.peer import PeerConnection
from tests.fakes import FakeBrowser
from tests.meetings.media.conftest import CallHost, Enter, dominant_hertz


@pytest.fixture
def media_config() -> MediaConfig:
    return MediaConfig(rtp_timeout=0.6, leave_timeout=1.6, max_participants=3)


def heard(host: CallHost, id: str) -> Any:
    chunks = host.pcm.get(id, [])
    return np.concatenate([c.samples for c in chunks]) if chunks else np.empty(0)


async def test_it_tells_what_happens(host: CallHost, enter: Enter) -> None:
    _, answer = await enter("ann")
    await host.until(lambda: host.of(TrackPublished, "ann"))
    await host.server.loop.call(host.room.leave(answer.session_id))

    kinds = [type(event) for event in host.events]
    sound = [SoundBegan, SegmentOpened, SegmentClosed, SoundEnded, Compared]
    assert [kinds[0], kinds[-1]] == [Joined, Left]
    assert sorted(map(str, kinds[1:-1])) == sorted(map(str, [*sound, TrackPublished]))
    for first, second in pairwise((0, *map(kinds.index, sound[:3]))):
        assert first < second
    assert kinds.index(SoundEnded) > kinds.index(SoundBegan)
    assert host.of(Left, "ann")[0].reason == "left"
    assert host.room.participants == {}


async def test_it_forwards_who_is_not_recorded_without_writing_them(
    host: CallHost, enter: Enter
) -> None:
    ann, _ = await enter("ann", hertz=440)
    bob, _ = await enter("bob", hertz=880, recorded=False)
    mid = ann.mid("audio", 0)
    await host.until(lambda: len(ann.received.get(mid, [])) > 50)

    assert host.room.participants["bob"].recorders == {}
    assert "bob" not in host.pcm
    assert host.of(SegmentOpened, "bob") == []
    sent, got = bob.microphone._packets, [bytes(p) for p in ann.received[mid]]
    assert set(got) <= set(sent)  # bytes as they were sent


async def test_consent_can_come_and_go(host: CallHost, enter: Enter) -> None:
    await enter("ann", recorded=False)
    await host.until(lambda: host.of(TrackPublished, "ann"))

    await host.server.loop.call(host.room.set_recorded("ann", True))
    await host.until(lambda: len(heard(host, "ann")) > 8_000)
    await host.server.loop.call(host.room.set_recorded("ann", False))

    (closed,) = [event.segment for event in host.of(SegmentClosed, "ann")]
    assert closed.offset_ms > 0
    assert host.room.participants["ann"].recorders == {}
    amount = len(heard(host, "ann"))
    await asyncio.sleep(0.2)
    assert len(heard(host, "ann")) == amount
    assert [event.recorded for event in host.of(RecordedChanged, "ann")] == [1, 0]


async def test_it_notices_silence_on_the_wire_and_its_end(
    host: CallHost, enter: Enter
) -> None:
    ann, _ = await enter("ann")
    await host.until(lambda: host.of(TrackPublished, "ann"))
    ann.microphone.paused = True
    await host.until(lambda: host.of(Interrupted, "ann"), 2)
    ann.microphone.paused = False
    await host.until(lambda: host.of(Resumed, "ann"), 2)
    assert host.of(Left, "ann") == []


@pytest.fixture
def quick_consent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(aiortc_compat, "CONSENT_INTERVAL", 0.1)
    monkeypatch.setattr("aioice.ice.CONSENT_INTERVAL", 0.1)  # what would be asked else
    monkeypatch.setattr(aiortc_compat, "CONSENT_EXPIRES", 1.0)


@pytest.mark.usefixtures("quick_consent")
async def test_it_keeps_who_answers_late(host: CallHost, enter: Enter) -> None:
    ann, _ = await enter("ann", slow_answers=0.8)
    await host.until(lambda: host.of(SegmentOpened, "ann"))
    ann.answer_late()
    await asyncio.sleep(4.5)  # six answers that aioice would not have waited for
    assert host.of(Interrupted, "ann") == []


@pytest.mark.usefixtures("quick_consent")
async def test_it_sends_nothing_to_who_never_answers(
    host: CallHost, enter: Enter
) -> None:
    ann, _ = await enter("ann", slow_answers=60)
    await host.until(lambda: host.of(SegmentOpened, "ann"))
    ann.answer_late()
    await host.until(lambda: host.of(Interrupted, "ann"), 10)


async def test_it_lets_go_of_who_stays_silent(host: CallHost, enter: Enter) -> None:
    ann, _ = await enter("ann")
    await host.until(lambda: host.of(TrackPublished, "ann"))
    ann.microphone.paused = True
    (left,) = await host.until(lambda: host.of(Left, "ann"), 5)
    assert left.reason == "timeout"
    assert [e.segment.state for e in host.of(SegmentClosed, "ann")] == ["closed"]


async def test_a_closed_connection_may_come_back(host: CallHost, enter: Enter) -> None:
    ann, first = await enter("ann")
    await host.until(lambda: host.of(SegmentOpened, "ann"))
    await ann.close()
    await host.until(lambda: host.of(Interrupted, "ann"), 2)
    await asyncio.sleep(0.5)
    assert host.of(Resumed, "ann") == []

    _, second = await enter("ann")
    await host.until(lambda: len(host.of(SegmentOpened, "ann")) == 2)

    assert first.session_id != second.session_id
    assert len(host.of(Joined, "ann")) == 1
    assert host.of(Left, "ann") == []
    await host.until(lambda: host.of(SegmentClosed, "ann"))
    first_file, second_file = RecordingManifest(host.record_dir).load().values()
    assert first_file.state == "closed"
    assert second_file.offset_ms >= first_file.offset_ms + first_file.duration_ms - 40


async def test_a_join_on_top_replaces_the_old_connection(
    host: CallHost, enter: Enter
) -> None:
    old, first = await enter("ann", hertz=440)
    await host.until(lambda: host.of(SegmentOpened, "ann"))
    await enter("ann", hertz=880)
    await host.until(lambda: len(host.of(SegmentOpened, "ann")) == 2)

    await host.until(lambda: old.pc.connectionState == "closed")
    host.pcm.clear()
    await host.until(lambda: len(heard(host, "ann")) > 16_000)
    assert dominant_hertz(heard(host, "ann")[-8_000:]) == pytest.approx(880, abs=10)
    await host.server.loop.call(host.room.leave(first.session_id))  # long replaced
    assert "ann" in host.room.participants


async def test_a_late_viewer_starts_with_a_key_frame(
    host: CallHost, enter: Enter
) -> None:
    ann, _ = await enter("ann", camera=True)
    assert ann.camera is not None
    await host.until(lambda: ann.camera and ann.camera.sent > 30)
    bob, _ = await enter("bob")
    mid = bob.mid("video", 0)
    await host.until(lambda: len(bob.received.get(mid, [])) > 5)
    assert is_vp8_keyframe(bytes(bob.received[mid][0]))
    assert len(ann.keyframe_requests) >= 1


async def test_it_asks_for_key_frames_once_a_second(
    host: CallHost, enter: Enter
) -> None:
    ann, _ = await enter("ann", camera=True)
    await host.until(lambda: "camera" in host.room.participants["ann"].published)
    track = host.room.participants["ann"].peer.tracks["camera"]
    ann.keyframe_requests.clear()
    started = time.monotonic()

    async def ask() -> None:
        for _ in range(50):
            track.request_keyframe()
            await asyncio.sleep(0.03)

    await host.server.loop.call(ask())
    await asyncio.sleep(0.8)
    assert 2 <= len(ann.keyframe_requests) <= time.monotonic() - started + 1


async def test_a_camera_that_goes_off_leaves_its_seat(
    host: CallHost, enter: Enter
) -> None:
    ann, _ = await enter("ann", camera=True)
    bob, _ = await enter("bob")
    assert ann.camera is not None

    def shown() -> bool:
        return bob.mid("video", 0) in host.room.participants["bob"].seats

    await host.until(shown)
    ann.camera.paused = True
    await host.until(lambda: not shown(), 4)
    assert [e.source for e in host.of(TrackUnpublished, "ann")] == ["camera"]
    ann.camera.paused = False
    await host.until(shown, 4)


async def test_it_restarts_a_picture_that_stands_still(
    host: CallHost, enter: Enter
) -> None:
    ann, _ = await enter("ann", camera=True)
    await host.until(lambda: "camera" in host.room.participants["ann"].published)
    track: Any = host.room.participants["ann"].peer.tracks["camera"]
    ann.keyframe_requests.clear()
    # a packet that is never repaired: the buffer waits for it for seconds
    buffer = getattr(track._receiver, rtp.BUFFER).buffer._buffer
    buffer._origin += 60_000
    frames = track.frames
    await host.until(lambda: ann.keyframe_requests, 4)
    await host.until(lambda: track.frames > frames + 10, 4)


async def test_a_picture_that_was_lost_on_the_way_is_sent_again(
    host: CallHost, enter: Enter
) -> None:
    await enter("ann", camera=True)
    bob, _ = await enter("bob")
    mid = bob.mid("video", 0)
    await host.until(lambda: len(bob.received.get(mid, [])) > 5)
    (receiver,) = [t.receiver for t in bob.pc.getTransceivers() if t.mid == mid]
    streams = getattr(receiver, "_RTCRtpReceiver__remote_streams")  # noqa: B009
    ((ssrc, stream),) = streams.items()

    await receiver._send_rtcp_nack(ssrc, [stream.max_seq])

    (repairs,) = getattr(receiver, aiortc_compat.RTX)
    await host.until(lambda: repairs in streams)


async def test_who_comes_later_is_sent_nothing_old(
    host: CallHost, enter: Enter
) -> None:
    """What is said while somebody connects, slowly, does not wait for them."""
    ann, _ = await enter("ann")
    await host.until(lambda: "microphone" in host.room.participants["ann"].published)
    bob = FakeBrowser()
    joining = host.room.join("bob", "Bob", await bob.offer(), recorded=True)
    answer = await host.server.loop.call(joining)
    await asyncio.sleep(1.0)
    began = ann.microphone.sent
    await bob.accept(answer.sdp)
    mid = bob.mid("audio", 0)
    await host.until(lambda: len(bob.received.get(mid, [])) > 20)
    received, sent = len(bob.received[mid]), ann.microphone.sent - began
    await bob.close()
    assert received <= sent


async def test_a_room_that_outgrows_the_seats_asks_for_more(
    host: CallHost, enter: Enter
) -> None:
    ann, answer = await enter("ann", seats=1)
    await enter("bob", hertz=500)
    await enter("cat", hertz=600)
    changed = host.of(SeatsChanged, "ann")[-1]
    assert (changed.wanted, len(ann.received)) == (2, 2)
    assert {seat.participant_id for seat in changed.seats.values()} == {"bob"}

    ann.add_seats(1)
    offer = await ann.offer()
    answer = await host.server.loop.call(
        host.room.renegotiate(answer.session_id, offer)
    )
    await ann.accept(answer.sdp)

    assert {seat.participant_id for seat in answer.seats.values()} == {"bob", "cat"}
    mid = ann.mid("audio", 1)
    await host.until(lambda: len(ann.received.get(mid, [])) > 20)


async def test_a_further_offer_waits_for_the_connection(
    host: CallHost, enter: Enter
) -> None:
    ann, answer = await enter("ann", seats=1)
    ann.add_seats(1)
    answering = host.room.renegotiate(answer.session_id, await ann.offer())
    await host.server.loop.call(answering)
    peer = host.room.participants["ann"].peer
    assert isinstance(peer, PeerConnection)
    assert peer.connected


async def test_a_seat_is_taken_over(host: CallHost, enter: Enter) -> None:
    ann, _ = await enter("ann", seats=1)
    mid = ann.mid("audio", 0)
    bob, bobs = await enter("bob", hertz=500)
    await host.until(lambda: len(ann.received.get(mid, [])) > 20)
    await host.server.loop.call(host.room.leave(bobs.session_id))
    cat, _ = await enter("cat", hertz=600)
    amount = len(ann.received[mid])
    await host.until(lambda: len(ann.received[mid]) > amount + 20)

    assert bytes(ann.received[mid][-1]) in set(cat.microphone._packets)
    stamps = [packet.pts for packet in ann.received[mid]]
    assert stamps == sorted(stamps)


async def test_it_records_through_loss(host: CallHost, enter: Enter) -> None:
    await enter("ann", loss=0.05)
    await host.until(lambda: len(heard(host, "ann")) > 3 * 16_000)
    buffer = host.room.participants["ann"].peer.tracks["microphone"].buffer
    await host.server.close_room("standup")
    (closed,) = [event.segment for event in host.of(SegmentClosed, "ann")]
    assert buffer.lost > 0
    assert closed.packets_lost == buffer.lost
    chunks = host.pcm["ann"]
    for one, two in zip(chunks, chunks[1:], strict=False):
        assert abs(one.t + len(one.samples) / 16 - two.t) <= 2


@pytest.mark.parametrize("loss", [0.02, 0.05, 0.2])
async def test_what_arrives_of_a_bad_line_is_kept_bit_for_bit(
    host: CallHost, enter: Enter, loss: float
) -> None:
    """Packets overtake one another by up to three places."""
    ann, _ = await enter("ann", loss=loss, jitter=0.06)
    await host.until(lambda: ann.microphone.sent > 300, 20)
    track = host.room.participants["ann"].peer.tracks["microphone"]
    await host.server.close_room("standup")
    (closed,) = [event.segment for event in host.of(SegmentClosed, "ann")]
    kept = list(opus_packets(host.record_dir / closed.file))
    sound = [packet for packet in kept if packet != OPUS_SILENCE]
    assert track.frames == len(sound)
    sent = ann.microphone._packets  # round and round; some come twice in a round
    places = [sent.index(packet) for packet in sound if sent.count(packet) == 1]
    steps = [(b - a) % len(sent) for a, b in pairwise(places)]
    assert min(steps) > 0 and max(steps) < len(sent) / 2  # in order
    missing = 1 - len(sound) / ann.microphone.sent
    assert loss / 3 < missing < loss + 0.2  # some come too late to be put right
    assert len(kept) * 20 == pytest.approx(closed.duration_ms, abs=20)
    assert dominant_hertz(heard(host, "ann")) == pytest.approx(440, abs=4)


async def test_garbage_at_the_media_port_disturbs_nobody(
    host: CallHost, enter: Enter
) -> None:
    """Noise, and what looks like RTP, RTCP, DTLS and STUN, from where nobody is."""
    _, answer = await enter("ann")
    await host.until(lambda: len(heard(host, "ann")) > 8_000)
    candidate = re.search(r"candidate:\S+ 1 udp \d+ (\S+) (\d+) typ host", answer.sdp)
    assert candidate
    heads = [b"", b"\x80\x60", b"\x80\xc8", b"\x16\xfe\xfd", b"\x00\x01\x00\x00"]
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as stranger:
        for n in range(5_000):
            data = heads[n % 5] + os.urandom(n % 1_400)
            stranger.sendto(data, (candidate[1], int(candidate[2])))
            if n % 100 == 0:
                await asyncio.sleep(0)
    before = len(heard(host, "ann"))
    await host.until(lambda: len(heard(host, "ann")) > before + 16_000)
    assert not host.of(Left, "ann") and not host.of(Interrupted, "ann")
    assert dominant_hertz(heard(host, "ann")[-8_000:]) == pytest.approx(440, abs=4)


async def test_what_is_written_is_what_came_bit_for_bit(
    host: CallHost, enter: Enter
) -> None:
    ann, _ = await enter("ann", loss=0.05, swapped=0.1)
    await host.until(lambda: len(heard(host, "ann")) > 5 * 16_000)
    await host.server.close_room("standup")
    (closed,) = [event.segment for event in host.of(SegmentClosed, "ann")]
    packets = list(opus_packets(host.record_dir / closed.file))
    written = [packet for packet in packets if packet != OPUS_SILENCE]
    sent = ann.let_through
    begun = next(n for n in range(10) if sent[n : n + 50] == written[:50])
    assert len(written) > 220 and len(packets) > len(written)  # loss is silence
    assert written == sent[begun : begun + len(written)]
    assert len(sent) - begun - len(written) < 15  # on their way when the room closed


async def test_it_holds_so_many_people(host: CallHost, enter: Enter) -> None:
    for id in ("ann", "bob", "cat"):
        await enter(id)
    with pytest.raises(RoomFull):
        await enter("dan")
    await enter("cat")


async def test_a_bad_offer_does_not_cost_the_old_connection(
    host: CallHost, enter: Enter
) -> None:
    _, answer = await enter("ann")
    with pytest.raises(BadOffer):
        await host.server.loop.call(
            host.room.join("ann", "Ann", "v=0 nonsense", recorded=True)
        )
    assert host.room.participants["ann"].session_id == answer.session_id


async def test_an_unknown_session_is_told_to_join(host: CallHost) -> None:
    with pytest.raises(SessionNotFound):
        await host.server.loop.call(host.room.renegotiate("nobody", "v=0"))


async def meanwhile(host: CallHost, offers: list[str], doing: Any) -> list[Any]:
    """What comes of ann, on her way in, and of bob, at the door, when `doing` is done
    meanwhile."""

    async def scene() -> list[Any]:
        joins = [
            asyncio.ensure_future(host.room.join(id, id.title(), offer, recorded=True))
            for id, offer in zip(("ann", "bob"), offers, strict=True)
        ]
        await asyncio.sleep(0)
        assert list(host.room.participants) == ["ann"]
        await doing()
        return await asyncio.gather(*joins, return_exceptions=True)

    return await host.server.loop.call(scene())


@pytest.fixture
async def offers() -> AsyncIterator[list[str]]:
    browsers = [FakeBrowser(), FakeBrowser()]
    yield [await browser.offer() for browser in browsers]
    for browser in browsers:
        await browser.close()


async def test_a_closed_room_refuses_who_was_on_the_way_in(
    host: CallHost, offers: list[str]
) -> None:
    ann, bob = await meanwhile(host, offers, host.room.close)
    assert [type(ann), type(bob)] == [RoomClosed, RoomClosed]
    assert host.room.participants == {}
    assert not host.of(Joined, "ann") + host.of(Joined, "bob")


async def test_a_closed_room_negotiates_no_more(host: CallHost, enter: Enter) -> None:
    browser, answer = await enter("ann")
    browser.add_seats(1)
    offer = await browser.offer()

    async def scene() -> Any:
        asked = asyncio.ensure_future(host.room.renegotiate(answer.session_id, offer))
        await asyncio.sleep(0)
        await host.room.close()
        return await asyncio.gather(asked, return_exceptions=True)

    (refused,) = await host.server.loop.call(scene())
    assert isinstance(refused, RoomClosed), refused


async def test_who_is_put_out_at_the_door_does_not_get_in(
    host: CallHost, offers: list[str]
) -> None:
    _, bob = await meanwhile(host, offers, lambda: host.room.remove("bob"))
    assert isinstance(bob, SessionNotFound)
    assert list(host.room.participants) == ["ann"]


async def test_consent_withdrawn_at_the_door_holds(
    host: CallHost, offers: list[str]
) -> None:
    await meanwhile(host, offers, lambda: host.room.set_recorded("bob", False))
    assert not host.room.participants["bob"].recorded


async def test_a_room_that_was_closed_is_not_opened_again(host: CallHost) -> None:
    async def scene() -> Any:
        closing = asyncio.ensure_future(host.server._close(host.room.id, "ended"))
        await asyncio.sleep(0)
        opening = host.server._open(host.room.id, host.record_dir, host.room.clock)
        return await asyncio.gather(opening, closing, return_exceptions=True)

    assert isinstance((await host.server.loop.call(scene()))[0], RoomClosed)
    with pytest.raises(RoomClosed):
        await host.server.open_room(host.room.id, host.record_dir, time.time())


async def test_it_stops_within_three_seconds(host: CallHost, enter: Enter) -> None:
    await enter("ann")
    await enter("bob")
    await host.until(lambda: host.of(SegmentOpened, "bob"))
    async with asyncio.timeout(3):
        await host.server.stop()
    states = [s.state for s in RecordingManifest(host.record_dir).load().values()]
    assert states == ["closed", "closed"]

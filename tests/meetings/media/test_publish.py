"""Somebody in a room whose frames are handed in, beside a browser made of aiortc."""

import asyncio
import time
from collections.abc import AsyncIterator

import numpy as np
import pytest

from meetings.media.clock import wall_now
from meetings.media.config import MediaConfig
from meetings.media.egress.manifest import RecordingManifest
from meetings.media.errors import BadOffer, RoomClosed, RoomFull
from meetings.media.events import Interrupted, Joined, Left, SeatsChanged, SegmentClosed
from meetings.media.injected import InjectedTrack
from meetings.media.packets import OPUS_FRAME, OPUS_RATE, EncodedFrame
from meetings.media.pcm import load_pcm16k
from meetings.media.room import Publication
from tests.fakes import FakeBrowser, opus_tone
from tests.meetings.media.conftest import CallHost, dominant_hertz


@pytest.fixture
def media_config() -> MediaConfig:
    return MediaConfig(rtp_timeout=0.6, leave_timeout=1.6, max_participants=2)


async def play(track: InjectedTrack, hertz: float, seconds: float) -> None:
    """Hand in a tone in real time."""
    due = time.monotonic()
    for n, data in enumerate(opus_tone(hertz, seconds)):
        await asyncio.sleep(max(0.0, due + n * 0.02 - time.monotonic()))
        at = (n * OPUS_FRAME, OPUS_RATE, True, wall_now())
        track.push(EncodedFrame("audio", "opus", data, *at))


async def publish(host: CallHost, track: InjectedTrack, **how: bool) -> Publication:
    publishing = host.room.publish("stage", "Stage", track, **how)
    return await host.server.loop.call(publishing)


@pytest.fixture
async def browser(host: CallHost) -> AsyncIterator[FakeBrowser]:
    browser = FakeBrowser(seats=1)
    joining = host.room.join("ann", "Ann", await browser.offer(), recorded=False)
    await browser.accept((await host.server.loop.call(joining)).sdp)
    yield browser
    await browser.close()


async def test_it_records_and_decodes_what_is_handed_in(host: CallHost) -> None:
    track = InjectedTrack()
    publication = await publish(host, track)

    await host.server.loop.call(play(track, 700, 2.0))
    await host.server.loop.call(publication.leave())

    (segment,) = RecordingManifest(host.record_dir).load().values()
    sound = load_pcm16k(host.record_dir / segment.file)
    heard = np.concatenate([chunk.samples for chunk in host.pcm["stage"]])
    assert segment.state == "closed" and segment.packets_lost == 0
    assert len(sound) == pytest.approx(2.0 * 16_000, abs=400)
    assert dominant_hertz(sound) == pytest.approx(700, abs=2)
    assert dominant_hertz(heard) == pytest.approx(700, abs=2)
    assert host.of(Joined, "stage")[0].label == "Stage"
    assert publication.over == "left"


async def test_a_browser_hears_them(host: CallHost, browser: FakeBrowser) -> None:
    track = InjectedTrack()
    await publish(host, track, recorded=False)

    await host.server.loop.call(play(track, 700, 1.5))

    assert len(browser.received[browser.mid("audio", 0)]) > 60
    assert not host.of(SeatsChanged, "stage"), "nobody there could offer seats"
    assert "stage" not in host.pcm, "not recorded"


async def test_they_leave_when_nothing_is_handed_in(host: CallHost) -> None:
    track = InjectedTrack()
    publication = await publish(host, track)
    await host.server.loop.call(play(track, 700, 0.5))
    assert not publication.over

    await host.until(lambda: host.of(Interrupted, "stage"))
    left = await host.until(lambda: host.of(Left, "stage"))
    assert [left[0].reason, publication.over] == ["timeout", "timeout"]
    await host.until(lambda: host.of(SegmentClosed, "stage"))


async def test_whoever_is_put_out_knows_why(host: CallHost) -> None:
    publication = await publish(host, InjectedTrack())
    await host.server.loop.call(host.room.remove("stage"))
    assert publication.over == "removed"


async def test_a_second_one_of_the_same_name_replaces_the_first(host: CallHost) -> None:
    first = await publish(host, InjectedTrack())
    second = await publish(host, InjectedTrack())

    assert first.over == "replaced" and not second.over
    await host.server.loop.call(first.leave())
    assert not second.over, "who was replaced cannot put the other out"


async def test_a_full_room_and_a_closed_one_refuse(
    host: CallHost, browser: FakeBrowser
) -> None:
    await publish(host, InjectedTrack())
    call = host.server.loop.call
    with pytest.raises(RoomFull):
        await call(host.room.publish("third", "Third", InjectedTrack()))
    await call(host.room.close())
    with pytest.raises(RoomClosed):
        await publish(host, InjectedTrack())


async def test_consent_comes_and_goes_for_them_as_well(host: CallHost) -> None:
    track = InjectedTrack()
    await publish(host, track, recorded=False)
    await host.server.loop.call(play(track, 700, 0.4))
    assert not RecordingManifest(host.record_dir).load().values()

    await host.server.loop.call(host.room.set_recorded("stage", True))
    await host.server.loop.call(play(track, 700, 0.6))
    await host.server.loop.call(host.room.set_recorded("stage", False))

    (segment,) = RecordingManifest(host.record_dir).load().values()
    assert 400 < segment.duration_ms < 800


async def test_their_session_takes_no_offer(host: CallHost) -> None:
    await publish(host, InjectedTrack())
    session = host.of(Joined, "stage")[0].session_id
    with pytest.raises(BadOffer, match="no browser"):
        await host.server.loop.call(host.room.renegotiate(session, "v=0"))

"""H.264, as programs send it: read, cut for RTP, recorded and carried to browsers."""

import contextlib
from typing import Any

import av
import pytest
from aiortc.codecs.h264 import h264_depayload
from hypothesis import given
from hypothesis import strategies as st

from meetings.media.events import RoomEvent, SegmentOpened, TrackPublished
from meetings.media.h264 import (
    PPS,
    SPS,
    START,
    ParameterSets,
    h264_payloads,
    h264_size,
    is_h264_keyframe,
    nal_units,
)
from meetings.media.packets import PAYLOAD
from tests.fakes import h264_pictures
from tests.meetings.media.conftest import CallHost, Enter


@pytest.mark.parametrize("size", [(64, 48), (330, 186), (1920, 1080), (16, 16)])
@pytest.mark.parametrize("profile", ["baseline", "main", "high"])
def test_it_reads_the_size_of_a_picture(profile: str, size: tuple[int, int]) -> None:
    (picture,) = h264_pictures(1, profile, size)
    assert h264_size(picture) == size


def test_it_tells_key_frames() -> None:
    first, *others = h264_pictures(5)
    assert is_h264_keyframe(first)
    assert not any(map(is_h264_keyframe, others))
    assert not is_h264_keyframe(b"")


@given(st.lists(st.binary(min_size=2, max_size=3 * PAYLOAD), max_size=4))
def test_pictures_are_cut_as_their_receivers_read_them(pieces: list[bytes]) -> None:
    units = [
        b"\x65" + b"".join((piece, b"\x80")).replace(b"\0", b"\1") for piece in pieces
    ]
    data = b"".join(START + unit for unit in units)
    payloads = h264_payloads(data)
    assert b"".join(map(h264_depayload, payloads)) == data
    assert max(map(len, payloads), default=0) <= PAYLOAD


@given(st.binary(max_size=200), st.integers(0, 40))
def test_garbage_is_no_picture(noise: bytes, cut: int) -> None:
    sps = h264_pictures(1, "high")[0][:cut]
    for data in (noise, START + b"\x67" + noise, sps + noise):
        with contextlib.suppress(ValueError):
            width, height = h264_size(data)
            assert 0 < width <= 16_384 and 0 < height <= 16_384
        is_h264_keyframe(data)
        ParameterSets().complete(data)


def test_a_key_frame_gets_the_parameters_that_were_said_once() -> None:
    first, second = h264_pictures(2)
    bare = b"".join(START + u for u in nal_units(first) if u[0] & 31 not in (SPS, PPS))
    sets = ParameterSets()
    assert sets.complete(first) == first
    assert sets.complete(second) == second
    whole = sets.complete(bare)
    assert h264_size(whole) == (64, 48)
    assert whole.endswith(bare)
    decoder = av.CodecContext.create("h264", "r")
    assert decoder.decode(av.Packet(whole)) + decoder.decode(None)


def all_of(host: CallHost, kind: type[RoomEvent]) -> list[Any]:
    return [event for event in host.events if isinstance(event, kind)]


async def test_it_is_recorded_and_carried_to_who_can_read_it(
    host: CallHost, enter: Enter
) -> None:
    """Beside one who shows VP8; each browser gets both, each in its own codec."""
    await enter("ann", camera=True, codec="h264", video=True)
    await enter("ben", camera=True, video=True)
    await host.until(lambda: len(all_of(host, TrackPublished)) == 4)
    carl, _ = await enter("carl")
    both = {carl.mid("video", seat) for seat in range(2)}
    await host.until(lambda: all(len(carl.received.get(mid, [])) > 5 for mid in both))
    firsts = {bytes(carl.received[mid][0])[:4] == START for mid in both}
    assert firsts == {True, False}
    assert all(carl.received[mid][0].is_keyframe for mid in both)
    files = {s.segment.codec: s.segment.file for s in all_of(host, SegmentOpened)}
    assert files["h264"].endswith(".mp4") and files["vp8"].endswith(".webm")


async def test_who_cannot_read_it_hears_the_sound(host: CallHost, enter: Enter) -> None:
    await enter("ann", camera=True, codec="h264")
    await host.until(lambda: len(all_of(host, TrackPublished)) == 2)
    carl, _ = await enter("carl", reads=("vp8",))
    await host.until(lambda: len(carl.received.get(carl.mid("audio", 0), [])) > 25)
    assert not carl.received.get(carl.mid("video", 0))

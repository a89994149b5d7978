import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from meetings.media.errors import MediaError, NoAudio, NotMedia, SourceUnreachable
from meetings.media.ingress.demux import LiveSound, OpusPacket, demux, sniff
from meetings.media.ingress.demuxer import Demuxer
from meetings.media.packets import OPUS_FRAME, OPUS_RATE, opus_samples
from meetings.media.pcm import OpusDecoder
from meetings.media.sound import StreamSound
from tests.live_sources import make, tone
from tests.meetings.media.conftest import dominant_hertz

PICTURE = ["-f", "lavfi", "-i", "testsrc=size=160x120:rate=10:duration=2"]
AAC = ["-c:a", "aac"]
FORMS = {
    "mpegts": ("ts", AAC),
    "mp4": ("mp4", [*AAC, "-movflags", "empty_moov+default_base_moof"]),
    "aac": ("aac", AAC),
    "mp3": ("mp3", ["-c:a", "libmp3lame"]),
    "ogg": ("ogg", ["-c:a", "libopus"]),
    "wav": ("wav", []),
}


def heard(packets: list[OpusPacket]) -> tuple[float, float]:
    """(seconds, hertz)"""
    decoder = OpusDecoder()
    sound = np.concatenate([decoder.decode(packet.data) for packet in packets])
    return len(sound) / OPUS_RATE, dominant_hertz(sound, OPUS_RATE)


@pytest.mark.parametrize("form", FORMS)
def test_it_takes_the_sound_of_a_stream(form: str, tmp_path: Path) -> None:
    suffix, codec = FORMS[form]
    data = make(tmp_path / f"a.{suffix}", *tone(660, 2), *codec).read_bytes()
    assert sniff(data[:2000]) == form

    packets = list(demux(io.BytesIO(data), form))

    seconds, hertz = heard(packets)
    assert seconds == pytest.approx(2, abs=0.1)
    assert hertz == pytest.approx(660, abs=2)
    pts = [packet.pts for packet in packets]
    assert {b - a for a, b in zip(pts, pts[1:], strict=False)} == {OPUS_FRAME}


def test_it_leaves_the_picture(tmp_path: Path) -> None:
    path = make(tmp_path / "a.ts", *PICTURE, *tone(660, 2), *AAC, "-c:v", "mpeg2video")
    seconds, hertz = heard(list(demux(io.BytesIO(path.read_bytes()), "mpegts")))
    assert seconds == pytest.approx(2, abs=0.1) and hertz == pytest.approx(660, abs=2)


def test_it_hands_opus_on_as_it_is(tmp_path: Path) -> None:
    codec = ["-c:a", "libopus", "-ar", "48000", "-ac", "2"]
    path = make(tmp_path / "a.ts", *tone(660, 1), *codec)
    with av.open(str(path)) as container:
        sent = [bytes(packet) for packet in container.demux() if packet.size]

    packets = list(demux(io.BytesIO(path.read_bytes()), "mpegts"))

    assert [packet.data for packet in packets] == sent
    assert sum(opus_samples(packet.data) for packet in packets) >= OPUS_RATE


def test_missing_sound_is_a_jump_of_the_count(tmp_path: Path) -> None:
    data = make(tmp_path / "a.ts", *tone(660, 6), *AAC).read_bytes()
    third = len(data) // 3 // 188 * 188

    packets = list(demux(io.BytesIO(data[:third] + data[2 * third :]), "mpegts"))

    seconds, _ = heard(packets)
    assert seconds == pytest.approx(4, abs=0.3)
    assert packets[-1].pts / OPUS_RATE == pytest.approx(6, abs=0.2)
    steps = [b.pts - a.pts for a, b in zip(packets, packets[1:], strict=False)]
    assert min(steps) == OPUS_FRAME and max(steps) > 1.5 * OPUS_RATE


def test_a_stream_that_begins_on_the_way_is_left(tmp_path: Path) -> None:
    one = make(tmp_path / "a.ts", *tone(660, 2), *AAC).read_bytes()
    both = ["-map", "0:a", "-map", "1:a", "-output_ts_offset", "2"]
    two = make(tmp_path / "b.ts", *tone(660, 2), *tone(440, 2), *both, *AAC)

    packets = list(demux(io.BytesIO(one + two.read_bytes()), "mpegts"))

    seconds, hertz = heard(packets)
    assert seconds == pytest.approx(4, abs=0.2) and hertz == pytest.approx(660, abs=2)


def test_names_inside_a_stream_may_be_in_any_code(tmp_path: Path) -> None:
    suffix, how = FORMS["mp4"]
    data = make(tmp_path / f"a.{suffix}", *tone(660, 2), *how).read_bytes()
    data = data.replace(b"SoundHandler", b"S\xf8undHandler")
    packets = list(demux(io.BytesIO(data), "mp4"))
    assert heard(packets)[0] == pytest.approx(2, abs=0.1)


def test_what_cannot_be_resampled_is_left_out() -> None:
    def refused() -> Iterator[Any]:
        yield np.ones((1, 960), np.int16)
        raise av.ArgumentError(22, "Invalid argument")

    sound = LiveSound(0.0)
    assert len(list(sound.sane(refused()))) == 1
    assert sum(side.shape[1] for side in sound.push(frame_in("mono"))) > 900


def frame_in(layout: str) -> Any:
    """20 ms of silence, as a decoder gives it."""
    frame = av.AudioFrame(format="fltp", layout=layout, samples=960)
    frame.sample_rate = OPUS_RATE
    for plane in frame.planes:
        plane.update(bytes(plane.buffer_size))
    return frame


@pytest.mark.parametrize(
    "layouts", [("stereo", "downmix"), ("5.1", "5.1(side)"), ("mono", "stereo")]
)
def test_the_places_of_speakers_may_change_on_the_way(
    layouts: tuple[str, str],
) -> None:
    sound = StreamSound(OPUS_RATE)
    pieces = [piece for name in layouts for piece in sound.push(frame_in(name))]
    pieces += sound.finish()
    assert sum(piece.shape[1] for piece in pieces) == pytest.approx(2 * 960, abs=64)


def test_a_picture_alone_is_no_source(tmp_path: Path) -> None:
    path = make(tmp_path / "a.ts", *PICTURE, "-c:v", "mpeg2video")
    with pytest.raises(NoAudio):
        list(demux(io.BytesIO(path.read_bytes()), "mpegts"))


def test_it_says_what_is_no_stream() -> None:
    for first in (b"<!doctype html>", b"#EXTM3U\n", b"", b"\x00" * 400):
        with pytest.raises(NotMedia):
            sniff(first)


@settings(max_examples=30, deadline=None)
@given(st.binary(max_size=3000), st.sampled_from(["mpegts", "mp4", "aac", "mp3"]))
def test_garbage_ends_in_plain_words(garbage: bytes, form: str) -> None:
    try:
        list(demux(io.BytesIO(garbage), form))
    except MediaError as error:
        assert error.detail


async def test_a_stream_is_taken_apart_by_a_process_of_its_own(tmp_path: Path) -> None:
    data = make(tmp_path / "a.ts", *tone(660, 2), *AAC).read_bytes()
    packets = []
    async with Demuxer("mpegts") as demuxer:
        await demuxer.feed(data)
        demuxer.end()
        while (packet := await demuxer.get()) is not None:
            packets.append(packet)
    assert heard(packets)[0] == pytest.approx(2, abs=0.1)


async def test_a_reader_that_is_killed_is_a_source_that_broke_off() -> None:
    async with Demuxer("mpegts") as demuxer:
        demuxer._child.kill()
        with pytest.raises(SourceUnreachable, match="-9"):
            await demuxer.get()
        await demuxer.feed(b"G" * 10_000_000)  # nobody reads, and nobody waits


async def test_what_is_no_stream_is_said_across_the_processes() -> None:
    async with Demuxer("mp4") as demuxer:
        await demuxer.feed(bytes(100_000))
        demuxer.end()
        with pytest.raises(MediaError) as caught:
            await demuxer.get()
    assert caught.value.code == "not_media"


async def test_the_reader_has_none_of_our_secrets() -> None:
    async with Demuxer("mpegts") as demuxer:
        environ = Path(f"/proc/{demuxer._child.pid}/environ").read_bytes()
    names = {entry.split(b"=")[0] for entry in environ.split(b"\0") if entry}
    assert names <= {b"PATH", b"LC_CTYPE"}

"""Pictures are copied into files that a crash does not cost."""

import asyncio
import errno
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import av
import pytest

from meetings.media.clock import RoomClock
from meetings.media.config import MediaConfig
from meetings.media.egress import video, video_file
from meetings.media.egress.file_sink import FileEvents
from meetings.media.egress.manifest import RecordingManifest, repair, repair_all
from meetings.media.egress.video import VideoRecorder
from meetings.media.errors import NotMedia
from meetings.media.events import Segment
from meetings.media.h264 import START
from meetings.media.packets import EncodedFrame
from meetings.media.pictures import PICTURES
from meetings.media.writers import OggOpusWriter, PictureWriter
from tests.fakes import h264_pictures, opus_tone, vp8_pictures

ORIGIN = 1_000.0
SHOWN = {  # at 20 a second; the first is a key frame
    "vp8": vp8_pictures(100),
    "h264": h264_pictures(100),
}
CODECS = pytest.mark.parametrize("codec", list(PICTURES))
EVERYTHING = 1 << 62  # bytes: no disk has so much

# Writes in real time and says on stdout how far it is.
WRITE_FOR_EVER = """
import sys, time
from pathlib import Path
from meetings.media.writers import PictureWriter
from tests.fakes import h264_pictures, vp8_pictures

codec = sys.argv[2]
pictures = {"vp8": vp8_pictures, "h264": h264_pictures}[codec](20)
writer = PictureWriter(Path(sys.argv[1]), codec, pictures[0])
start = time.monotonic()
for n in range(10_000):
    time.sleep(max(0.0, start + n * 0.05 - time.monotonic()))
    writer.write(pictures[n % 20], n * 50, n % 20 == 0)
    print(n * 50, flush=True)
"""


def pictures_in(path: Path) -> list[tuple[int, bytes]]:
    """(ms, picture) of everything in a file."""
    with av.open(str(path)) as container:
        h264 = container.streams.video[0].codec_context.name == "h264"
        return [
            (
                round(float(packet.pts * packet.time_base) * 1000),
                started(bytes(packet)) if h264 else bytes(packet),
            )
            for packet in container.demux(video=0)
            if packet.size and packet.pts is not None and packet.time_base
        ]


def started(data: bytes) -> bytes:
    """H.264 of an MP4, where each unit has its length before it, with start codes."""
    units, at = b"", 0
    while at < len(data):
        length = int.from_bytes(data[at : at + 4], "big")
        units += START + data[at + 4 : at + 4 + length]
        at += 4 + length
    return units


class Deck:
    """A recorder of pictures with its events kept, fed at literal times."""

    def __init__(
        self,
        record_dir: Path,
        reserve: int = 0,
        source: str = "camera",
        codec: str = "vp8",
    ) -> None:
        self.dir = record_dir
        self.opened: list[Segment] = []
        self.closed: list[Segment] = []
        self.failed: list[str] = []
        self.asked = 0
        track: Any = SimpleNamespace(
            source=source,
            codec=codec,
            last_frame_at=0.0,
            subscribe=lambda sink: lambda: None,
            request_keyframe=self.ask,
        )
        self.track = track
        events = FileEvents(
            self.opened.append,
            self.closed.append,
            lambda code, detail: self.failed.append(code),
        )
        self.recorder = VideoRecorder(
            record_dir,
            "ann",
            track,
            RoomClock(ORIGIN),
            events,
            MediaConfig(video_reserve=reserve),
        )

    def ask(self) -> None:
        self.asked += 1

    def show(
        self, start: float, end: float, pts: Callable[[int], int] | None = None
    ) -> None:
        """Pictures that arrive from `start` to `end`, s of room time; a key frame every
        five seconds."""
        for n in range(round(start * 20), round(end * 20)):
            data, wall = SHOWN[self.track.codec][n % 100], ORIGIN + n * 0.05
            count = pts(n) if pts else n * 4_500
            self.track.last_frame_at = wall
            self.recorder.hear(
                EncodedFrame(
                    "video", self.track.codec, data, count, 90_000, n % 100 == 0, wall
                )
            )

    async def until(self, condition: Callable[[], Any]) -> None:
        end = time.monotonic() + 10
        while not condition():
            assert time.monotonic() < end, "the condition never held"
            await asyncio.sleep(0.005)


@CODECS
async def test_it_copies_pictures_from_the_first_key_frame_on(
    tmp_path: Path, codec: str
) -> None:
    deck = Deck(tmp_path, codec=codec)
    deck.show(2, 9)
    await deck.recorder.close()
    (closed,) = deck.closed
    assert (closed.kind, closed.codec, closed.state) == ("video", codec, "closed")
    assert (closed.offset_ms, closed.duration_ms) == (5_000, 4_000)
    found = pictures_in(tmp_path / closed.file)
    assert [ms for ms, _ in found] == list(range(0, 4_000, 50))
    assert [data for _, data in found] == SHOWN[codec][:80]
    assert deck.asked >= 2  # at once, and while it waited


@CODECS
async def test_a_closed_file_can_be_sought_in(tmp_path: Path, codec: str) -> None:
    deck = Deck(tmp_path, codec=codec)
    deck.show(0, 12)
    await deck.recorder.close()
    seeks(tmp_path / deck.closed[0].file)


def seeks(path: Path) -> None:
    """A file has its length, and pictures where one goes to."""
    with av.open(str(path)) as container:
        assert container.duration
        container.seek(7_000_000)
        frame = next(container.decode(video=0))
        assert frame.time == pytest.approx(5.0, abs=0.1)  # the key frame before


async def test_a_senders_clock_that_leaps_moves_no_picture(tmp_path: Path) -> None:
    deck = Deck(tmp_path)
    deck.show(0, 5)
    deck.show(5, 15, lambda n: n * 4_500 + 2**32)
    await deck.recorder.close()
    (closed,) = deck.closed
    times = [ms for ms, _ in pictures_in(tmp_path / closed.file)]
    assert times == list(range(0, 15_000, 50))


async def test_a_senders_clock_that_goes_back_begins_a_file(tmp_path: Path) -> None:
    deck = Deck(tmp_path)
    deck.show(0, 5)
    deck.show(5, 15, lambda n: (n - 2_000) * 4_500)
    await deck.recorder.close()
    files = sorted((one.offset_ms, one.duration_ms) for one in deck.closed)
    assert files == [(0, 5_000), (10_000, 5_000)]


async def test_a_camera_that_is_off_ends_the_file(tmp_path: Path) -> None:
    deck = Deck(tmp_path)
    deck.show(0, 3)
    deck.recorder.tick(ORIGIN + 5)
    assert deck.recorder._file
    deck.recorder.tick(ORIGIN + 8)
    deck.show(20, 22)
    await deck.recorder.close()
    lengths = sorted((one.offset_ms, one.duration_ms) for one in deck.closed)
    assert lengths == [(0, 3_000), (20_000, 2_000)]


async def test_a_file_that_grew_long_is_followed_by_the_next(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(video, "LONGEST", 4.0)
    deck = Deck(tmp_path)
    deck.show(0, 12)
    await deck.recorder.close()
    files = sorted((one.offset_ms, one.duration_ms) for one in deck.closed)
    assert files == [(0, 5_000), (5_000, 5_000), (10_000, 2_000)]


async def test_a_screen_on_which_nothing_moves_goes_on(tmp_path: Path) -> None:
    deck = Deck(tmp_path, source="screen")
    deck.show(0, 3)
    deck.recorder.tick(ORIGIN + 60)
    deck.show(60, 61)
    await deck.recorder.close()
    (closed,) = deck.closed
    assert closed.duration_ms == 61_000


async def test_pictures_stop_before_the_disk_is_full(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(video_file, "LOOK_INTERVAL", 0.0)
    deck = Deck(tmp_path)
    deck.show(0, 1)
    await deck.until(lambda: deck.opened)
    monkeypatch.setattr("shutil.disk_usage", lambda folder: SimpleNamespace(free=-1))
    deck.show(1, 2)
    await deck.until(lambda: deck.failed)
    assert deck.failed == ["disk_full"]
    (closed,) = deck.closed  # what was written is whole
    assert pictures_in(tmp_path / closed.file)
    deck.show(2, 8)
    assert len(deck.opened) == 1  # not tried again at once
    deck.show(8, 20)  # no room still: told once
    await deck.recorder.close()
    assert deck.failed == ["disk_full"]


async def test_pictures_go_on_when_there_is_room_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    deck = Deck(tmp_path, reserve=EVERYTHING)
    deck.show(0, 1)
    await deck.until(lambda: deck.failed)
    assert not deck.opened
    deck.recorder._reserve = 0
    deck.show(1, 16)
    await deck.recorder.close()
    assert [segment.offset_ms for segment in deck.closed] == [15_000]
    assert list(tmp_path.glob("*.webm")) == [tmp_path / deck.closed[0].file]


async def test_a_disk_that_stands_still_costs_pictures_and_no_memory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(video_file, "QUEUE_PICTURES", 40)
    stuck = asyncio.Event()
    loop = asyncio.get_running_loop()

    class Slow(PictureWriter):
        def write(self, *picture: Any) -> None:
            asyncio.run_coroutine_threadsafe(stuck.wait(), loop).result(20)
            super().write(*picture)

    monkeypatch.setattr(video_file, "PictureWriter", Slow)
    deck = Deck(tmp_path)
    deck.show(0, 4)
    assert deck.failed == ["queue_overflow"]
    stuck.set()
    await deck.recorder.close()
    assert len(pictures_in(tmp_path / deck.closed[0].file)) <= 41


@CODECS
def test_it_loses_half_a_second_at_most_when_killed(tmp_path: Path, codec: str) -> None:
    path = tmp_path / f"a{PICTURES[codec].suffix}"
    writer = subprocess.Popen(
        [sys.executable, "-c", WRITE_FOR_EVER, str(path), codec], stdout=subprocess.PIPE
    )
    assert writer.stdout is not None
    lines = [b"0"]
    while int(lines[-1]) < 8_000:
        lines.append(writer.stdout.readline())
    os.kill(writer.pid, signal.SIGKILL)
    lines += writer.stdout.read().split()
    writer.wait()
    writer.stdout.close()

    assert repair(path) >= int(lines[-1]) - 500
    with av.open(str(path)) as container:
        assert container.duration
        container.seek(5_500_000)
        frame = next(container.decode(video=0))
        assert frame.time == pytest.approx(5.0, abs=0.1)
    assert repair(path) >= int(lines[-1]) - 500  # again, without harm


async def test_it_repairs_what_a_crash_left_open(tmp_path: Path) -> None:
    deck = Deck(tmp_path)
    deck.show(0, 3)
    await deck.recorder.close()
    (closed,) = deck.closed
    manifest = RecordingManifest(tmp_path)
    manifest.append(deck.opened[0])
    path = tmp_path / closed.file
    path.write_bytes(path.read_bytes()[:-300])
    (repaired,) = repair_all(tmp_path)
    assert repaired.state == "repaired"
    assert 2_000 < repaired.duration_ms <= 3_000


def test_it_refuses_to_repair_what_holds_no_picture(tmp_path: Path) -> None:
    path = tmp_path / "a.webm"
    path.write_bytes(b"")
    with pytest.raises(NotMedia):
        repair(path)
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("name", ["a.webm", "a.ogg"])
def test_a_file_stays_whole_when_the_disk_is_full_while_it_is_repaired(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    path = tmp_path / name
    sound, pictures = OggOpusWriter, PictureWriter
    if name == "a.ogg":
        first = sound(path)
        for data in opus_tone(440, 1.0):
            first.write(data)
        first.close()
    else:
        second = pictures(path, "vp8", SHOWN["vp8"][0])
        for n, data in enumerate(SHOWN["vp8"]):
            second.write(data, n * 50, n == 0)
        second.close()
    before = path.read_bytes()

    def refuse(*args: Any) -> None:
        raise av.error.OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(PictureWriter, "write", refuse)
    monkeypatch.setattr(OggOpusWriter, "write", refuse)
    with pytest.raises(OSError):
        repair(path)
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]


@CODECS
def test_it_reads_the_size_of_a_picture(codec: str) -> None:
    assert PICTURES[codec].size(SHOWN[codec][0]) == (64, 48)
    with pytest.raises(ValueError):
        PICTURES[codec].size(b"\x00" * 12)

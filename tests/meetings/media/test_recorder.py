import asyncio
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from meetings.media.clock import RoomClock
from meetings.media.egress import segment as segment_module
from meetings.media.egress.recorder import RecorderEvents, TrackRecorder
from meetings.media.egress.segment import failure_code
from meetings.media.events import Segment
from meetings.media.packets import EncodedFrame
from meetings.media.pcm import PCMChunk, load_pcm16k
from tests.fakes import opus_tone

ORIGIN = 1_000.0
TONE = opus_tone(440, 1.0)


class Deck:
    """A recorder with its events kept, fed with frames at literal times."""

    def __init__(self, record_dir: Path) -> None:
        self.dir = record_dir
        self.opened: list[Segment] = []
        self.closed: list[Segment] = []
        self.failed: list[tuple[str, str]] = []
        self.chunks: list[PCMChunk] = []
        self.track = SimpleNamespace(
            source="microphone",
            buffer=SimpleNamespace(lost=0),
            subscribe=lambda sink: lambda: None,
        )
        events = RecorderEvents(
            self.opened.append,
            self.closed.append,
            lambda code, detail: self.failed.append((code, detail)),
            self.chunks.append,
        )
        clock = RoomClock(ORIGIN)
        track: Any = self.track
        self.recorder = TrackRecorder(record_dir, "ann", track, clock, events)

    def play(
        self, start: float, end: float, pts: Callable[[int], int] | None = None
    ) -> None:
        """Frames of 20 ms that arrive from `start` to `end`, seconds of room time."""
        for n in range(round(start * 50), round(end * 50)):
            self.hear(n, n * 0.02, pts)

    def hear(self, n: int, at: float, pts: Callable[[int], int] | None = None) -> None:
        count = pts(n) if pts else n * 960
        data = TONE[n % 50]
        self.recorder.hear(
            EncodedFrame("audio", "opus", data, count, 48_000, True, ORIGIN + at)
        )

    async def finish(self) -> list[Segment]:
        await self.recorder.close()
        return self.closed

    def sound(self, segment: Segment) -> Any:
        return load_pcm16k(self.dir / segment.file)

    @property
    def pcm(self) -> Any:
        return np.concatenate([chunk.samples for chunk in self.chunks])


def silent(samples: Any, start: float, end: float) -> bool:
    part = samples[round(start * 16_000) : round(end * 16_000)]
    return bool(np.abs(part).max() < 0.01)


async def test_it_places_a_file_on_the_room_clock(tmp_path: Path) -> None:
    deck = Deck(tmp_path)
    deck.play(2, 3)
    assert deck.opened[0].offset_ms == 2_000
    (closed,) = await deck.finish()
    assert (closed.state, closed.duration_ms, closed.gaps) == ("closed", 1_000, ())
    assert len(closed.sha256) == 64
    assert len(deck.sound(closed)) / 16 == pytest.approx(1_000, abs=8)
    assert [chunk.t for chunk in deck.chunks[:3]] == [2_000, 2_020, 2_040]


async def test_it_fills_an_outage_with_silence(tmp_path: Path) -> None:
    deck = Deck(tmp_path)
    deck.play(0, 4)
    deck.play(5, 10)
    (closed,) = await deck.finish()
    assert closed.duration_ms == 10_000
    assert closed.gaps == ((4_000, 5_000),)
    assert silent(deck.sound(closed), 4.1, 4.9)
    assert not silent(deck.sound(closed), 5.1, 5.2)
    assert len(deck.pcm) == pytest.approx(160_000, abs=400)
    assert not deck.pcm[66_000:78_000].any()


async def test_it_fills_a_lost_packet_without_drawing_it(tmp_path: Path) -> None:
    deck = Deck(tmp_path)
    deck.play(0, 1)
    deck.play(1.02, 2)
    (closed,) = await deck.finish()
    assert (closed.duration_ms, closed.gaps) == (2_000, ())


async def test_it_writes_silence_while_nothing_arrives(tmp_path: Path) -> None:
    deck = Deck(tmp_path)
    deck.play(0, 1)
    for tick in range(4, 33):
        deck.recorder.tick(ORIGIN + tick * 0.25)
    deck.play(9, 10)
    (closed,) = await deck.finish()
    assert closed.duration_ms == 10_000
    assert closed.gaps == ((1_000, 9_000),)


async def test_it_follows_a_sender_that_stopped_counting(tmp_path: Path) -> None:
    deck = Deck(tmp_path)
    deck.play(0, 2)
    for tick in range(8, 40):
        deck.recorder.tick(ORIGIN + tick * 0.25)
    deck.play(10, 12, pts=lambda n: (n - 400) * 960)  # goes on where it was
    (closed,) = await deck.finish()
    assert closed.duration_ms == 12_000
    assert closed.gaps == ((2_000, 10_000),)


async def test_it_drops_what_comes_twice(tmp_path: Path) -> None:
    deck = Deck(tmp_path)
    deck.play(0, 1)
    deck.hear(30, 1.0)
    deck.play(1, 2)
    (closed,) = await deck.finish()
    assert closed.duration_ms == 2_000


@pytest.mark.parametrize("leap", [2**32, -20 * 48_000])
async def test_it_absorbs_a_leap_of_the_senders_count(
    tmp_path: Path, leap: int
) -> None:
    deck = Deck(tmp_path)
    deck.play(0, 2)
    deck.play(2, 4, pts=lambda n: n * 960 + leap)
    (closed,) = await deck.finish()
    assert (closed.duration_ms, closed.gaps) == (4_000, ())


async def test_a_leap_of_the_clock_starts_a_new_segment(tmp_path: Path) -> None:
    deck = Deck(tmp_path)
    deck.play(0, 2)
    deck.play(3_600, 3_602)  # the machine slept: an hour of silence helps nobody
    first, second = sorted(await deck.finish(), key=lambda s: s.offset_ms)
    assert (first.offset_ms, first.duration_ms) == (0, 2_000)
    assert (second.offset_ms, second.duration_ms) == (3_600_000, 2_000)


async def test_it_opens_no_file_before_the_first_packet(tmp_path: Path) -> None:
    deck = Deck(tmp_path)
    deck.recorder.tick(ORIGIN + 60)
    assert await deck.finish() == []
    assert list(tmp_path.iterdir()) == []


async def test_it_says_when_the_disk_fails_and_tries_again(tmp_path: Path) -> None:
    missing = tmp_path / "unmounted"
    deck = Deck(missing)
    deck.play(0, 1)
    await asyncio.gather(*deck.recorder._writing)
    assert [code for code, _ in deck.failed] == ["write_error"]
    deck.play(1, 2)
    assert len(deck.pcm) == pytest.approx(2 * 16_000, abs=400)  # captions go on

    missing.mkdir()
    deck.recorder._quiet_until = 0
    deck.play(2, 3)
    (closed,) = await deck.finish()
    assert closed.offset_ms == 2_000


async def test_it_says_when_the_disk_is_too_slow(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(segment_module, "QUEUE_ITEMS", 0)
    deck = Deck(tmp_path)
    deck.play(0, 1)
    assert [code for code, _ in deck.failed] == ["queue_overflow"]
    assert deck.chunks == []
    await deck.finish()


def test_it_knows_a_full_disk() -> None:
    assert failure_code(OSError(28, "No space left on device")) == "disk_full"
    assert failure_code(OSError(5, "Input/output error")) == "write_error"

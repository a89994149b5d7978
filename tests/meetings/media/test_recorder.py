import asyncio
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from meetings.media.clock import RoomClock
from meetings.media.egress import segment as segment_module
from meetings.media.egress.manifest import repair
from meetings.media.egress.recorder import RecorderEvents, TrackRecorder
from meetings.media.egress.segment import failure_code
from meetings.media.egress.stems import opus_packets
from meetings.media.events import Segment
from meetings.media.packets import OPUS_SILENCE, EncodedFrame
from meetings.media.pcm import PCMChunk, load_pcm16k
from tests.fakes import Disk, opus_tone

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
        self.told: list[str] = []
        self.listening = threading.Event()  # cleared: the listener is stuck
        self.listening.set()
        self.track = SimpleNamespace(
            source="microphone",
            codec="opus",
            buffer=SimpleNamespace(lost=0),
            subscribe=lambda sink: lambda: None,
        )
        events = RecorderEvents(
            self.opened.append,
            self.closed.append,
            lambda code, detail: self.failed.append((code, detail)),
            lambda: self.told.append("began"),
            self.listen,
            lambda: self.told.append("ended"),
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

    def hear(
        self,
        n: int,
        at: float,
        pts: Callable[[int], int] | None = None,
        data: bytes = b"",
    ) -> None:
        count = pts(n) if pts else n * 960
        data = data or TONE[n % 50]
        self.recorder.hear(
            EncodedFrame("audio", "opus", data, count, 48_000, True, ORIGIN + at)
        )

    def listen(self, chunk: PCMChunk) -> None:
        assert self.listening.wait(20)
        self.chunks.append(chunk)

    async def until(self, condition: Callable[[], Any]) -> None:
        end = time.monotonic() + 10
        while not condition():
            assert time.monotonic() < end, "the condition never held"
            await asyncio.sleep(0.005)

    async def settle(self) -> None:
        """The disk and the listener have taken what they will take."""
        file, decoder = self.recorder._file, self.recorder._decoder
        await self.until(lambda: not file._segment or file._segment._inbox.empty())
        if decoder and self.listening.is_set():
            await self.until(decoder._inbox.empty)

    def heard_until(self, seconds: float) -> bool:
        """Whether the listener has every sample up to then."""
        return sum(len(c.samples) for c in list(self.chunks)) >= 16_000 * seconds - 400

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
    (closed,) = await deck.finish()
    assert deck.opened[0].offset_ms == 2_000
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


def late_at_first(n: int) -> float:
    """The first half second of packets comes at once, as after a slow connection."""
    return max(n * 0.02, 0.56)


async def test_no_packet_is_left_out_when_the_first_ones_came_late(
    tmp_path: Path,
) -> None:
    deck = Deck(tmp_path)
    for n in range(200):
        deck.hear(n, late_at_first(n))
    (closed,) = await deck.finish()
    written = list(opus_packets(deck.dir / closed.file))
    assert written == [TONE[n % 50] for n in range(200)]
    assert closed.gaps == ()


async def test_a_pause_sets_the_time_right_again(tmp_path: Path) -> None:
    deck = Deck(tmp_path)
    quiet = OPUS_SILENCE + bytes(2)
    said = [quiet if 100 <= n < 150 else TONE[n % 50] for n in range(200)]
    for n, data in enumerate(said):
        deck.hear(n, late_at_first(n), data=data)
    (closed,) = await deck.finish()
    written = list(opus_packets(deck.dir / closed.file))
    assert [one for one in written if len(one) > 5] == [
        one for one in said if len(one) > 5
    ]
    end = closed.offset_ms + closed.duration_ms
    assert end == pytest.approx(200 * 20, abs=40)


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
    await deck.until(lambda: deck.failed)
    assert [code for code, _ in deck.failed] == ["write_error"]
    assert deck.opened == []  # there is nothing of that file

    missing.mkdir()
    deck.play(1, 13)
    (closed,) = await deck.finish()
    assert closed.offset_ms == 10_980  # ten seconds after it failed


@pytest.fixture
def disk(monkeypatch: pytest.MonkeyPatch) -> Disk:
    disk = Disk()
    monkeypatch.setattr(segment_module, "OggOpusWriter", disk.writer)
    return disk


async def test_a_full_disk_costs_no_caption_and_one_word(
    tmp_path: Path, disk: Disk
) -> None:
    deck = Deck(tmp_path)
    for second in range(60):
        disk.full = 10 <= second < 40
        deck.play(second, second + 1)
        await deck.settle()
    closed = await deck.finish()
    assert [code for code, _ in deck.failed] == ["disk_full"]
    assert deck.told == ["began", "ended"]
    assert deck.heard_until(60)
    assert not any(silent(deck.pcm, at, at + 1) for at in range(59))
    (after,) = closed
    assert 40_000 <= after.offset_ms <= 51_000
    assert after.offset_ms + after.duration_ms == 60_000
    before = deck.dir / deck.opened[0].file
    assert 9_000 < repair(before) <= 10_000
    assert len(list(deck.dir.glob("*.ogg"))) == 2


async def test_a_disk_that_fails_again_later_is_told_again(
    tmp_path: Path, disk: Disk
) -> None:
    deck = Deck(tmp_path)
    for second in range(40):
        disk.full = second in (5, 25)
        deck.play(second, second + 1)
        await deck.settle()
    await deck.finish()
    assert [code for code, _ in deck.failed] == ["disk_full", "disk_full"]


async def test_a_stuck_disk_leaves_a_gap_and_no_caption_out(
    tmp_path: Path, disk: Disk
) -> None:
    deck = Deck(tmp_path)
    deck.play(0, 5)
    await deck.settle()
    disk.turns.clear()
    for second in range(5, 65):
        deck.play(second, second + 1)
        await deck.until(partial(deck.heard_until, second + 1))
    assert [code for code, _ in deck.failed] == ["disk_slow", "queue_overflow"]
    disk.turns.set()
    await deck.settle()
    for second in range(65, 70):
        deck.play(second, second + 1)
        await deck.settle()
    (closed,) = await deck.finish()
    assert len(deck.failed) == 2
    assert closed.duration_ms == 70_000
    ((start, end),) = closed.gaps
    assert start == pytest.approx(35_000, abs=100) and end == 65_000
    assert not silent(deck.sound(closed), 66, 67)


async def test_a_disk_that_takes_nothing_for_five_seconds_is_told(
    tmp_path: Path, disk: Disk
) -> None:
    deck = Deck(tmp_path)
    for second in range(30):
        stuck = 5 <= second < 13 or 20 <= second < 27
        (disk.turns.clear if stuck else disk.turns.set)()
        deck.play(second, second + 1)
        if not stuck:
            await deck.settle()
    (closed,) = await deck.finish()
    assert [code for code, _ in deck.failed] == ["disk_slow", "disk_slow"]
    assert (closed.duration_ms, closed.gaps) == (30_000, ())


async def test_a_stuck_listener_costs_no_recorded_sound(tmp_path: Path) -> None:
    deck = Deck(tmp_path)
    deck.listening.clear()
    for second in range(60):
        deck.play(second, second + 1)
        await deck.settle()
    began = time.monotonic()
    (closed,) = await deck.finish()
    assert time.monotonic() - began < 5
    assert (closed.duration_ms, closed.gaps) == (60_000, ())
    assert deck.told == ["began", "ended"]
    deck.listening.set()
    await deck.until(lambda: deck.heard_until(30))


async def test_a_listener_that_fails_hears_the_next_chunk(tmp_path: Path) -> None:
    deck = Deck(tmp_path)
    heard: list[int] = []

    def stumble(chunk: PCMChunk) -> None:
        heard.append(chunk.t)
        raise RuntimeError("a listener fails")

    deck.recorder._events = replace(deck.recorder._events, pcm=stumble)
    deck.play(0, 0.1)
    (closed,) = await deck.finish()
    assert heard == [0, 20, 40, 60, 80]
    assert closed.duration_ms == 100


def test_it_knows_a_full_disk() -> None:
    assert failure_code(OSError(28, "No space left on device")) == "disk_full"
    assert failure_code(OSError(5, "Input/output error")) == "write_error"


@pytest.mark.parametrize("ppm", [1_000, -1_000])
async def test_a_clock_that_drifts_moves_no_word_and_takes_none(
    tmp_path: Path, ppm: int
) -> None:
    """As far as 100 ppm go in 13 minutes: nine seconds of words, one of silence."""
    deck, words = Deck(tmp_path), []
    for n in range(80 * 50):
        data = OPUS_SILENCE if n % 500 >= 450 else TONE[n % 50]
        words += [data] if data in TONE else []
        wall = ORIGIN + n * 0.02 / (1 + ppm / 1e6)
        deck.recorder.hear(
            EncodedFrame("audio", "opus", data, n * 960, 48_000, True, wall)
        )
        if n % 500 == 0:
            await deck.settle()
    (closed,) = await deck.finish()
    kept = list(opus_packets(tmp_path / closed.file))
    assert [data for data in kept if data in TONE] == words
    assert abs(len(kept) * 20 - 80_000 / (1 + ppm / 1e6)) < 40
    assert not closed.gaps

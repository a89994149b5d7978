"""A room is heard as live HLS, by a player that nobody here wrote."""

import os
import re
import subprocess
import threading
import time
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import imageio_ffmpeg
import numpy as np
import pytest

from meetings.media.clock import RoomClock
from meetings.media.egress import live_hls
from meetings.media.egress.live_hls import KEPT, LISTED, SEGMENT, LiveHLS
from meetings.media.pcm import PCM_RATE, PCMChunk

ORIGIN = 1_000.0


class Hall:
    """A room in which people are heard as a test wants."""

    def __init__(self) -> None:
        self.clock = RoomClock(ORIGIN)
        self.sinks: list[Callable[[str, PCMChunk], None]] = []
        self.shared: list[Callable[[str, PCMChunk], None]] = []
        self.said = 0

    def on_pcm(self, sink: Callable[[str, PCMChunk], None]) -> Callable[[], None]:
        self.sinks.append(sink)
        return lambda: self.sinks.remove(sink)

    def on_shared_pcm(
        self, sink: Callable[[str, PCMChunk], None]
    ) -> Callable[[], None]:
        self.shared.append(sink)
        return lambda: self.shared.remove(sink)

    def tone(
        self, seconds: float, hertz: float = 440, who: str = "ann", tab: bool = False
    ) -> None:
        """The next seconds of a person's tone, or of their tab's, 20 ms at a time."""
        for n in range(round(seconds * 50)):
            t = np.arange(320) + (self.said + n * 320)
            wave = 8_000 * np.sin(2 * np.pi * hertz * t / PCM_RATE)
            at = (self.said + n * 320) * 1000 // PCM_RATE
            for sink in self.shared if tab else self.sinks:
                sink(who, PCMChunk(at, wave.astype(np.int16)))

    def pass_time(self, seconds: float) -> None:
        self.said += round(seconds * PCM_RATE)


@pytest.fixture
def hall() -> Hall:
    return Hall()


@pytest.fixture
def stream(hall: Hall, tmp_path: Path) -> LiveHLS:
    """One that is told how late it is, and looks at no clock."""
    room: Any = hall
    made = LiveHLS(room, tmp_path / "token")
    (tmp_path / "token").mkdir()
    return made


def playlist(folder: Path) -> str:
    return (folder / "token" / "live.m3u8").read_text()


def numbers(folder: Path) -> list[int]:
    return [int(n) for n in re.findall(r"^(\d+)\.aac$", playlist(folder), re.M)]


def heard_by_ffmpeg(address: str) -> np.ndarray[Any, Any]:
    """What FFmpeg hears there, at 16 kHz."""
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error", "-live_start_index", "0"]
    command += ["-i", address, "-f", "s16le", "-ac", "1", "-ar", "16000", "-"]
    done = subprocess.run(command, capture_output=True, timeout=60)
    assert done.returncode == 0, done.stderr.decode()
    return np.frombuffer(done.stdout, np.int16)


def loudest(samples: np.ndarray[Any, Any]) -> float:
    """Hz."""
    spectrum = np.abs(np.fft.rfft(samples))
    return float(np.argmax(spectrum)) * PCM_RATE / len(samples)


def ended(folder: Path) -> str:
    """The playlist as a player takes it that must not wait for more."""
    path = folder / "token" / "ended.m3u8"
    path.write_text(playlist(folder) + "#EXT-X-ENDLIST\n")
    return str(path)


def test_ffmpeg_plays_it_without_a_gap(
    hall: Hall, stream: LiveHLS, tmp_path: Path
) -> None:
    hall.tone(10.5)
    hall.pass_time(10.5)
    stream.catch_up(hall.said)
    assert numbers(tmp_path) == [0, 1, 2, 3, 4]
    samples = heard_by_ffmpeg(ended(tmp_path))
    assert abs(len(samples) / PCM_RATE - 10.24) < 0.3
    assert abs(loudest(samples) - 440) < 2
    inner = samples[PCM_RATE // 2 : 10 * PCM_RATE].astype(float)
    levels = np.sqrt((inner[: len(inner) // 800 * 800].reshape(-1, 800) ** 2).mean(1))
    assert levels.min() > 0.8 * levels.max()


def test_a_shared_tab_is_heard_as_well(
    hall: Hall, stream: LiveHLS, tmp_path: Path
) -> None:
    hall.tone(5, hertz=1_200, tab=True)
    hall.pass_time(5)
    stream.catch_up(hall.said)
    assert abs(loudest(heard_by_ffmpeg(ended(tmp_path))) - 1_200) < 2


def test_people_are_heard_together_and_softly(
    hall: Hall, stream: LiveHLS, tmp_path: Path
) -> None:
    for who, hertz in (("ann", 440), ("ben", 1000), ("cat", 440), ("dan", 440)):
        hall.tone(4.2, hertz, who)
    stream.catch_up(round(4.2 * PCM_RATE))
    samples = heard_by_ffmpeg(ended(tmp_path)).astype(float)
    spectrum = np.abs(np.fft.rfft(samples[: 4 * PCM_RATE]))
    assert spectrum[440 * 4] > 1e6 and spectrum[1000 * 4] > 1e6
    assert (np.abs(samples) >= 32_767).mean() < 0.01


def test_silence_is_heard_as_silence(
    hall: Hall, stream: LiveHLS, tmp_path: Path
) -> None:
    stream.catch_up(3 * SEGMENT)
    assert np.abs(heard_by_ffmpeg(ended(tmp_path))).max() < 50


def test_only_the_newest_segments_stay(
    hall: Hall, stream: LiveHLS, tmp_path: Path
) -> None:
    for _ in range(20):
        hall.pass_time(SEGMENT / PCM_RATE)
        stream.catch_up(hall.said)
    assert numbers(tmp_path) == list(range(20 - LISTED, 20))
    assert f"#EXT-X-MEDIA-SEQUENCE:{20 - LISTED}\n" in playlist(tmp_path)
    assert len(list((tmp_path / "token").glob("*.aac"))) == KEPT
    assert not list((tmp_path / "token").glob("*.part"))


def test_what_comes_too_late_or_too_early_is_left_out(stream: LiveHLS) -> None:
    stream.catch_up(3 * SEGMENT)
    for t in (-10_000_000, 0, 10**12):
        stream._mixer.add(PCMChunk(t, np.full(320, 9, np.int16)))
    begin = 3 * SEGMENT * 1000 // PCM_RATE - 10
    stream._mixer.add(PCMChunk(begin, np.full(320, 9, np.int16)))
    assert np.count_nonzero(stream._mixer.take(SEGMENT)) == 160


def test_a_process_that_was_held_up_goes_on_from_now(
    stream: LiveHLS, tmp_path: Path
) -> None:
    stream.catch_up(2 * SEGMENT)
    stream.catch_up(1_000 * SEGMENT)
    stream.catch_up(1_001 * SEGMENT)
    assert numbers(tmp_path) == [0, 1, 1000]
    assert playlist(tmp_path).count("#EXT-X-DISCONTINUITY\n") == 1
    for number in range(1_002, 1_010):
        stream.catch_up(number * SEGMENT)
    assert "#EXT-X-DISCONTINUITY\n" not in playlist(tmp_path)
    assert "#EXT-X-DISCONTINUITY-SEQUENCE:1\n" in playlist(tmp_path)


def test_a_full_disk_costs_segments_and_nothing_else(
    hall: Hall, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    full, wrote = threading.Event(), threading.Event()
    replace = os.replace

    def sometimes(part: Path, path: Path) -> None:
        if not full.is_set():
            full.set()
            raise OSError(28, "No space left on device")
        replace(part, path)
        wrote.set()

    now = ORIGIN
    monkeypatch.setattr(live_hls, "os", SimpleNamespace(replace=sometimes))
    monkeypatch.setattr(live_hls, "wall_now", lambda: now)
    monkeypatch.setattr(live_hls, "EVERY", 0.01)
    room: Any = hall
    stream = LiveHLS(room, tmp_path / "token")
    stream.start()
    now = ORIGIN + 20
    assert full.wait(10) and wrote.wait(10)
    stream.stop()


def test_nothing_is_left_of_one_that_was_stopped(hall: Hall, tmp_path: Path) -> None:
    room: Any = hall
    stream = LiveHLS(room, tmp_path / "token")
    stream.start()
    assert (tmp_path / "token").is_dir()
    stream.stop()
    assert list(tmp_path.iterdir()) == [] and hall.sinks == []


def test_another_process_goes_on_with_the_same_numbers(
    hall: Hall, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live_hls, "wall_now", lambda: ORIGIN + 3_600.5)
    monkeypatch.setattr(live_hls, "EVERY", 0.01)
    room: Any = hall
    stream = LiveHLS(room, tmp_path / "token")
    stream.start()
    monkeypatch.setattr(live_hls, "wall_now", lambda: ORIGIN + 3_610)
    until = time.monotonic() + 10
    while not (tmp_path / "token" / "live.m3u8").exists():
        assert time.monotonic() < until
        time.sleep(0.01)
    assert numbers(tmp_path)[0] == 3_601 * PCM_RATE // SEGMENT + 1
    stream.stop()

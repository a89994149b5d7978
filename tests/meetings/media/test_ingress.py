"""What every source that comes in from elsewhere does, whatever kind it is."""

import asyncio
import os
import signal
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from meetings.media.config import MediaConfig
from meetings.media.egress.manifest import RecordingManifest
from meetings.media.errors import NotMedia, SourceUnreachable
from meetings.media.events import Joined, Left
from meetings.media.ingress.base import Backoff, Ingress, IngressState
from meetings.media.ingress.live_file import FileIngress
from meetings.media.pcm import load_pcm16k
from tests.live_sources import ScriptedIngress, make, tone
from tests.meetings.media.conftest import CallHost, dominant_hertz

AAC = ["-c:a", "aac"]
SOON = Backoff(first=0.05, longest=0.1, tries=3)


@pytest.fixture
def media_config() -> MediaConfig:
    return MediaConfig(max_participants=2)


@pytest.fixture
def sound(tmp_path: Path) -> bytes:
    return make(tmp_path / "a.ts", *tone(660, 1.5), *AAC).read_bytes()


async def run(host: CallHost, ingress: Ingress) -> None:
    """Start a source, and wait for its end."""
    await host.server.loop.call(ingress.start(host.room))
    async with asyncio.timeout(20):
        await host.server.loop.call(ingress.wait())
    assert not ingress.runs


def recorded(host: CallHost) -> Any:
    segments = RecordingManifest(host.record_dir).load().values()
    return [load_pcm16k(host.record_dir / segment.file) for segment in segments]


async def test_a_file_is_played_into_the_room(host: CallHost, tmp_path: Path) -> None:
    path = make(tmp_path / "a.mp3", *tone(660, 2), "-c:a", "libmp3lame")
    ingress = FileIngress("stage", "Stage", path)

    began = asyncio.get_running_loop().time()
    await run(host, ingress)

    assert asyncio.get_running_loop().time() - began > 1.9, "in real time"
    assert ingress.state is IngressState.COMPLETE and not ingress.error
    (sound,) = recorded(host)
    assert len(sound) / 16_000 == pytest.approx(2, abs=0.1)
    assert dominant_hertz(sound) == pytest.approx(660, abs=2)
    pcm = np.concatenate([chunk.samples for chunk in host.pcm["stage"]])
    assert dominant_hertz(pcm) == pytest.approx(660, abs=2)
    assert host.of(Joined, "stage")[0].label == "Stage"
    assert host.of(Left, "stage")[0].reason == "left"
    assert ingress.stats.frames == pytest.approx(100, abs=6)


async def test_it_tells_how_it_is(host: CallHost, sound: bytes) -> None:
    ingress = ScriptedIngress((sound, None))
    await run(host, ingress)
    states = [state for state, _ in ingress.told]
    assert states == [
        IngressState.BUFFERING,
        IngressState.PUBLISHING,
        IngressState.COMPLETE,
    ]


async def test_a_source_that_is_gone_is_tried_again(
    host: CallHost, sound: bytes
) -> None:
    gone = SourceUnreachable("its server cannot be reached")
    ingress = ScriptedIngress((b"", gone), (sound, gone), (sound, None), retry=SOON)

    await run(host, ingress)

    assert (IngressState.BUFFERING, gone.detail) in ingress.told
    assert ingress.state is IngressState.COMPLETE and ingress.stats.tries == 3
    assert len(host.of(Joined, "stage")) == 1, "in between it was not out of the room"
    (heard,) = recorded(host)
    assert dominant_hertz(heard) == pytest.approx(660, abs=2)
    assert 2.9 < len(heard) / 16_000 < 6


async def test_it_is_given_up_with_the_last_reason(host: CallHost) -> None:
    tries = [(b"", SourceUnreachable(f"reason {n}")) for n in range(3)]
    ingress = ScriptedIngress(*tries, retry=SOON)

    await run(host, ingress)

    assert (ingress.state, ingress.error) == (IngressState.ERROR, "reason 2")
    assert not host.of(Joined, "stage")


def test_it_waits_longer_each_time() -> None:
    waits = [Backoff().wait(failed) for failed in range(1, 8)]
    assert waits == [1, 2, 4, 8, 16, 30, 30]


async def test_what_is_no_sound_is_not_tried_again(host: CallHost) -> None:
    ingress = ScriptedIngress((b"<!doctype html>", None))
    await run(host, ingress)
    assert ingress.state is IngressState.ERROR and ingress.stats.tries == 1
    assert ingress.error == NotMedia("no MPEG-TS, MP4, AAC or MP3").detail


async def test_a_bug_in_a_source_is_an_error_of_that_source(host: CallHost) -> None:
    ingress = ScriptedIngress((b"", ZeroDivisionError("oh")))
    await run(host, ingress)
    assert (ingress.state, ingress.error) == (IngressState.ERROR, "it failed: oh")


async def test_a_full_room_is_said(host: CallHost, sound: bytes) -> None:
    call = host.server.loop.call
    for id in ("a", "b"):
        await call(host.room.publish(id, id))
    ingress = ScriptedIngress((sound, None))
    await run(host, ingress)
    assert ingress.error == "the room holds 2 people"


async def test_who_puts_it_out_of_the_room_ends_it(
    host: CallHost, tmp_path: Path
) -> None:
    path = make(tmp_path / "a.ts", *tone(660, 20), *AAC)
    ingress = FileIngress("stage", "Stage", path)
    await host.server.loop.call(ingress.start(host.room))
    await host.until(lambda: ingress.state is IngressState.PUBLISHING)

    await host.server.loop.call(host.room.remove("stage"))

    await host.until(lambda: ingress.state is IngressState.COMPLETE)
    assert "stage" not in host.room.participants


async def test_stopping_it_finishes_the_file(host: CallHost, tmp_path: Path) -> None:
    path = make(tmp_path / "a.ts", *tone(660, 20), *AAC)
    ingress = FileIngress("stage", "Stage", path)
    await host.server.loop.call(ingress.start(host.room))
    await host.until(lambda: ingress.stats.frames > 50)

    await host.server.loop.call(ingress.stop())
    await host.server.loop.call(ingress.stop())

    assert ingress.state is IngressState.INACTIVE
    (segment,) = RecordingManifest(host.record_dir).load().values()
    assert segment.state == "closed" and segment.duration_ms > 900
    assert host.of(Left, "stage")


async def test_a_crash_of_its_reader_is_no_crash_of_the_room(
    host: CallHost, sound: bytes
) -> None:
    ingress = ScriptedIngress((sound, 60.0), (sound, None), retry=SOON)
    await host.server.loop.call(ingress.start(host.room))
    await host.until(lambda: ingress.stats.frames > 20)

    (reader,) = readers()
    os.kill(reader, signal.SIGSEGV)

    await host.until(lambda: not ingress.runs)
    assert ingress.state is IngressState.COMPLETE and ingress.stats.tries == 2
    assert any("-11" in error for _, error in ingress.told)
    assert ingress.stats.frames > 120, "all of the second try"


def readers() -> list[int]:
    """The processes that take streams apart."""
    tasks = Path("/proc/self/task").glob("*/children")
    children = [int(pid) for task in tasks for pid in task.read_text().split()]
    return [
        pid
        for pid in children
        if b"demuxer" in Path(f"/proc/{pid}/cmdline").read_bytes()
    ]


async def test_no_reader_is_left_behind(host: CallHost, sound: bytes) -> None:
    ingress = ScriptedIngress((sound, 60.0))
    await host.server.loop.call(ingress.start(host.room))
    await host.until(lambda: ingress.stats.frames > 20)
    assert len(readers()) == 1
    await host.server.loop.call(ingress.stop())
    assert not readers()


async def test_after_a_stall_pauses_are_shortened_and_words_are_not(
    host: CallHost, tmp_path: Path
) -> None:
    words = "0.3*sin(2*PI*660*t)*(lt(t,1.5)+gt(t,4.5))"  # a pause of 3 s in between
    given = ["-f", "lavfi", "-i", f"aevalsrc='{words}':d=6"]
    data = make(tmp_path / "a.ts", *given, *AAC, "-b:a", "64k").read_bytes()
    ingress = ScriptedIngress((data, None))
    ingress.first = 1 / 6
    ingress.resumed.clear()

    await host.server.loop.call(ingress.start(host.room))
    await host.until(lambda: ingress.state is IngressState.PUBLISHING)
    await host.until(lambda: ingress.state is IngressState.BUFFERING)
    ingress.resumed.set()
    await host.until(lambda: not ingress.runs)

    (segment,) = RecordingManifest(host.record_dir).load().values()
    (sound,) = recorded(host)
    blocks = np.abs(sound[: len(sound) // 160 * 160]).reshape(-1, 160)
    ((start, end),) = segment.gaps
    assert 2_000 < end - start < 5_000
    assert segment.duration_ms - (end - start) < 4_300, "6 s, less most of the pause"
    assert (blocks.max(axis=1) > 0.1).sum() / 100 == pytest.approx(3, abs=0.3)


async def test_a_source_that_pauses_is_not_publishing(
    host: CallHost, sound: bytes
) -> None:
    ingress = ScriptedIngress((sound, 60.0))
    await host.server.loop.call(ingress.start(host.room))
    await host.until(lambda: ingress.state is IngressState.PUBLISHING)
    await host.until(lambda: ingress.state is IngressState.BUFFERING)
    assert ingress.error == "nothing comes from it"
    await host.server.loop.call(ingress.stop())

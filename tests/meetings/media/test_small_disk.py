"""A recording on a disk that is really full: a tmpfs of one megabyte."""

import subprocess
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from meetings.media.egress.manifest import RecordingManifest
from meetings.media.egress.stems import opus_packets
from meetings.media.events import RecordingFailed, SegmentOpened
from meetings.media.packets import OPUS_SILENCE
from tests.meetings.media.conftest import CallHost, Enter


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """Where the room of `host` records."""
    folder = tmp_path / "record"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(folder)]
    done = subprocess.run(mount, capture_output=True, text=True)
    if done.returncode:
        pytest.skip(f"no small disk can be made: {done.stderr}")
    yield folder
    subprocess.run(["umount", folder], check=True)


def fill(folder: Path) -> Path:
    """Take all the room that is left."""
    filler = folder / "filler"
    with open(filler, "wb", buffering=0) as file, suppress(OSError):
        while True:
            file.write(bytes(4096))
    return filler


async def more_is_heard(host: CallHost, packets: int) -> None:
    heard = len(host.pcm["ann"])
    await host.until(lambda: len(host.pcm["ann"]) > heard + packets)


async def test_pictures_go_first_then_sound_and_no_caption(
    small_disk: Path, host: CallHost, enter: Enter
) -> None:
    await enter("ann", camera=True, video=True)

    def failed(kind: str) -> list[str]:
        events = host.of(RecordingFailed, "ann")
        return [event.code for event in events if event.kind == kind]

    await host.until(lambda: host.of(SegmentOpened, "ann"))
    await host.until(lambda: failed("video"))
    assert failed("audio") == []
    await more_is_heard(host, 150)
    filler = fill(small_disk)
    await host.until(lambda: failed("audio"), 30)
    assert failed("audio") == ["disk_full"]
    await more_is_heard(host, 100)

    filler.unlink()
    await host.until(lambda: len(host.of(SegmentOpened, "ann")) == 2, 20)
    await more_is_heard(host, 150)  # it was tried again by itself
    await host.server.close_room("standup")
    assert (failed("video"), failed("audio")) == (["disk_full"], ["disk_full"])
    segments = RecordingManifest(small_disk).load().values()
    before, after = sorted(segments, key=lambda segment: segment.offset_ms)
    assert before.offset_ms + before.duration_ms < after.offset_ms
    for segment in (before, after):
        packets = list(opus_packets(small_disk / segment.file))
        assert len([p for p in packets if p != OPUS_SILENCE]) > 100

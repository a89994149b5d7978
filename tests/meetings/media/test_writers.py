import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from meetings.media.egress.manifest import RecordingManifest, repair, repair_all
from meetings.media.egress.stems import length_ms
from meetings.media.errors import NotMedia
from meetings.media.events import Segment, SegmentState
from meetings.media.packets import OPUS_SILENCE
from meetings.media.pcm import load_pcm16k
from meetings.media.writers import OggOpusWriter
from tests.fakes import opus_tone

# Writes in real time and says on stdout how much it has written.
WRITE_FOR_EVER = """
import sys, time
from pathlib import Path
from meetings.media.writers import OggOpusWriter
from tests.fakes import opus_tone

packets = opus_tone(440, 1.0)
writer = OggOpusWriter(Path(sys.argv[1]))
start = time.monotonic()
for n in range(10_000):
    time.sleep(max(0.0, start + n * 0.02 - time.monotonic()))
    writer.write(packets[n % 50])
    print(writer.duration_ms, flush=True)
"""


def write(path: Path, seconds: float, hertz: float = 440) -> Path:
    writer = OggOpusWriter(path)
    for data in opus_tone(hertz, seconds):
        writer.write(data)
    writer.close()
    return path


def test_it_writes_what_can_be_read(tmp_path: Path) -> None:
    samples = load_pcm16k(write(tmp_path / "a.ogg", 2.0))
    assert len(samples) / 16_000 == pytest.approx(2.0, abs=0.01)
    assert samples[8_000:24_000].std() == pytest.approx(8_000 / 32_768, rel=0.1)


def test_it_loses_half_a_second_at_most_when_killed(tmp_path: Path) -> None:
    path = tmp_path / "a.ogg"
    writer = subprocess.Popen(
        [sys.executable, "-c", WRITE_FOR_EVER, str(path)], stdout=subprocess.PIPE
    )
    assert writer.stdout is not None
    end = time.monotonic() + 4
    lines = [b"0"]
    while time.monotonic() < end:
        lines.append(writer.stdout.readline())
    os.kill(writer.pid, signal.SIGKILL)
    lines += writer.stdout.read().split()
    written_ms = int(lines[-1])
    writer.wait()
    writer.stdout.close()

    assert written_ms > 1_000
    assert repair(path) >= written_ms - 500
    assert len(load_pcm16k(path)) / 16 >= written_ms - 520


def test_it_repairs_again_without_harm(tmp_path: Path) -> None:
    path = write(tmp_path / "a.ogg", 2.0)
    whole = load_pcm16k(path)
    path.write_bytes(path.read_bytes()[:-1500])
    first = repair(path)
    assert 1_400 < first < 2_000
    assert repair(path) == first
    again = load_pcm16k(path)
    assert np.allclose(again[:16_000], whole[:16_000], atol=0.01)


def test_it_refuses_to_repair_what_holds_no_packet(tmp_path: Path) -> None:
    path = tmp_path / "a.ogg"
    path.write_bytes(b"")
    with pytest.raises(NotMedia):
        repair(path)
    assert path.exists()


def segment(id: str, state: SegmentState = "open") -> Segment:
    return Segment(
        id=id, participant_id="ann", source="microphone", kind="audio", codec="opus",
        file=f"{id}.ogg", offset_ms=40, state=state, gaps=((1, 2),),
    )  # fmt: skip


def test_it_keeps_the_latest_state_of_each_segment(tmp_path: Path) -> None:
    manifest = RecordingManifest(tmp_path)
    for line in (segment("a"), segment("b"), segment("a", "closed")):
        manifest.append(line)
    assert list(manifest.load().values()) == [segment("a", "closed"), segment("b")]


def test_it_reads_a_manifest_that_was_torn(tmp_path: Path) -> None:
    manifest = RecordingManifest(tmp_path)
    manifest.append(segment("a"))
    with manifest.path.open("a") as file:
        file.write('{"id": "b", "partici')
    manifest.append(segment("c"))
    assert list(manifest.load()) == ["a", "c"]


@pytest.mark.parametrize(
    "line",
    [
        b"{}",
        b"[1]",
        b'"b"',
        b"7",
        b"\xff\x00",
        b'{"id": "b", "gaps": [[1]]}',
        b"[" * 9999,
    ],
)
def test_it_passes_by_a_line_that_is_no_segment(tmp_path: Path, line: bytes) -> None:
    manifest = RecordingManifest(tmp_path)
    manifest.append(segment("a"))
    with manifest.path.open("ab") as file:
        file.write(line)
    manifest.append(segment("c"))
    assert list(manifest.load()) == ["a", "c"]


def test_it_finds_the_gaps_of_a_file_whose_writer_was_killed(tmp_path: Path) -> None:
    """What is lost in between is known to the browser that kept it."""
    tone = opus_tone(440, 1.0)
    writer = OggOpusWriter(tmp_path / "a.ogg")
    lost, away = [OPUS_SILENCE] * 4, [OPUS_SILENCE] * 100
    for data in [*tone, *lost, *tone, *away, *tone, *lost[:2], *away]:
        writer.write(data)
    writer.close()
    RecordingManifest(tmp_path).append(segment("a", "open"))
    (repaired,) = repair_all(tmp_path)
    begin = repaired.offset_ms
    gaps = [(start - begin, end - begin) for start, end in repaired.gaps]
    assert gaps == [(2080, 4080), (5080, 7120)]


def test_it_repairs_what_was_open(tmp_path: Path) -> None:
    manifest = RecordingManifest(tmp_path)
    for line in (segment("a"), segment("b", "closed"), segment("gone")):
        manifest.append(line)
    write(tmp_path / "a.ogg", 1.0)

    repaired = {found.id: found for found in repair_all(tmp_path)}

    assert set(repaired) == {"a", "gone"}
    assert repaired["a"].duration_ms == length_ms(tmp_path / "a.ogg") == 1_000
    assert repaired["gone"].duration_ms == 0
    assert repair_all(tmp_path) == []

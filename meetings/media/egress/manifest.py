import json
import logging
import os
from collections.abc import Collection, Iterator
from dataclasses import asdict, replace
from pathlib import Path

import av
from pydantic import TypeAdapter, ValidationError

from meetings.media.errors import NotMedia
from meetings.media.events import Segment
from meetings.media.opening import open_audio
from meetings.media.packets import OPUS_RATE, opus_samples
from meetings.media.writers import OggOpusWriter, sha256, sync

logger = logging.getLogger(__name__)

_SEGMENT = TypeAdapter(Segment)


class RecordingManifest:
    """The append-only `manifest.jsonl` of a room: one JSON line per change of state.

    The last line of a segment holds; a torn last line (a crash) is left out.
    """

    NAME = "manifest.jsonl"

    def __init__(self, record_dir: Path) -> None:
        self.path = record_dir / self.NAME

    def append(self, segment: Segment) -> None:
        # a line feed on both sides: a torn line before this one stays alone
        line = "\n" + json.dumps(asdict(segment)) + "\n"
        with self.path.open("ab") as file:
            file.write(line.encode())

    def load(self) -> dict[str, Segment]:
        """Segment id -> its latest state, in the order they were opened."""
        return {segment.id: segment for segment in self._segments()}

    def keep(self, people: Collection[str]) -> None:
        """Leave out all lines about others than these; whole or not at all. Not for a
        live room."""
        if not self.path.exists():
            return
        kept = [s for s in self._segments() if s.participant_id in people]
        copy = self.path.with_name(self.path.name + ".part")
        copy.write_text("".join(json.dumps(asdict(s)) + "\n" for s in kept))
        sync(copy)
        os.replace(copy, self.path)
        sync(self.path.parent)

    def _segments(self) -> Iterator[Segment]:
        if not self.path.exists():
            return
        for line in self.path.read_bytes().splitlines():
            try:
                if line:
                    yield _SEGMENT.validate_json(line)
            except ValidationError:
                logger.warning("%s has a line that is no segment", self.path)


def repair(path: Path) -> int:
    """Give a file that a crash cut off its proper end; returns its duration in ms.

    A copy of the packets, written beside it, synced and moved over it: running it
    twice, or dying in it, does no harm. Raises NotMedia when nothing is readable.
    """
    copy = path.with_name(path.name + ".repair")
    duration_ms = _copy_packets(path, copy)
    os.replace(copy, path)
    sync(path.parent)
    return duration_ms


def _copy_packets(path: Path, copy: Path) -> int:
    container, stream = open_audio(path)
    with container:
        writer = OggOpusWriter(copy)
        try:
            for packet in container.demux(stream):
                if opus_samples(data := bytes(packet)):
                    writer.write(data)
        except av.FFmpegError:
            pass  # the torn end
        finally:
            writer.close()
    if writer.samples == 0:
        copy.unlink()
        raise NotMedia("no packet to be read")
    return writer.samples * 1000 // OPUS_RATE


def repair_all(record_dir: Path) -> list[Segment]:
    """Repair every segment the manifest still has `open`; returns them as repaired.

    One with nothing readable comes back with `duration_ms` 0. Not for a live room.
    """
    manifest = RecordingManifest(record_dir)
    repaired = [
        _repair_segment(record_dir, segment)
        for segment in manifest.load().values()
        if segment.state == "open"
    ]
    for segment in repaired:
        manifest.append(segment)
    return repaired


def _repair_segment(record_dir: Path, segment: Segment) -> Segment:
    path = record_dir / segment.file
    try:
        duration_ms = repair(path)
    except NotMedia:
        return replace(segment, state="repaired", duration_ms=0)
    return replace(
        segment, state="repaired", duration_ms=duration_ms, sha256=sha256(path)
    )

import json
import logging
import os
from collections.abc import Collection, Iterator
from contextlib import closing, suppress
from dataclasses import asdict, replace
from itertools import chain
from pathlib import Path
from typing import Any

import av
from pydantic import TypeAdapter, ValidationError

from meetings.media.egress.stems import opus_packets
from meetings.media.errors import NotMedia
from meetings.media.events import Segment
from meetings.media.opening import open_audio, open_media
from meetings.media.packets import (
    DRAWN_GAP_MS,
    OPUS_RATE,
    OPUS_SILENCE,
    opus_samples,
)
from meetings.media.writers import OggOpusWriter, PictureWriter, sha256, sync

logger = logging.getLogger(__name__)

_SEGMENT = TypeAdapter(Segment)


class RecordingManifest:
    """The append-only `manifest.jsonl` of a room: one JSON line per change of state,
    and one for each thing that happened (`ManifestNotes`).

    The last line of a segment holds; a torn last line (a crash) is left out.
    """

    NAME = "manifest.jsonl"
    NOTE = b'{"event": '  # how the line of something that happened begins

    def __init__(self, record_dir: Path) -> None:
        self.path = record_dir / self.NAME

    def append(self, segment: Segment) -> None:
        self._write(json.dumps(asdict(segment)))

    def note(self, event: str, about: dict[str, Any]) -> None:
        """Something happened; `about` has `participant_id` and `at_ms`."""
        self._write(json.dumps({"event": event, **about}))

    def notes(self, event: str = "") -> list[dict[str, Any]]:
        """What happened, in order; of one kind, if it is named."""
        begin = self.NOTE + (json.dumps(event).encode() if event else b"")
        found = []
        for line in self._lines():
            with suppress(ValueError):  # torn by a crash
                if line.startswith(begin):
                    found.append(json.loads(line))
        return found

    def load(self) -> dict[str, Segment]:
        """Segment id -> its latest state, in the order they were opened."""
        return {segment.id: segment for segment in self._segments()}

    def keep(self, people: Collection[str]) -> None:
        """Leave out all lines about others than these; whole or not at all. Not for a
        live room."""
        if not self.path.exists():
            return
        kept = [asdict(s) for s in self._segments() if s.participant_id in people]
        kept += [note for note in self.notes() if note["participant_id"] in people]
        copy = self.path.with_name(self.path.name + ".part")
        copy.write_text("".join(json.dumps(one) + "\n" for one in kept))
        sync(copy)
        os.replace(copy, self.path)
        sync(self.path.parent)

    def _write(self, text: str) -> None:
        # a line feed on both sides: a torn line before this one stays alone
        with self.path.open("ab") as file:
            file.write(f"\n{text}\n".encode())

    def _lines(self) -> list[bytes]:
        return self.path.read_bytes().splitlines() if self.path.exists() else []

    def _segments(self) -> Iterator[Segment]:
        for line in self._lines():
            try:
                if line and not line.startswith(self.NOTE):
                    yield _SEGMENT.validate_json(line)
            except ValidationError:
                logger.warning("%s has a line that is no segment", self.path)


def repair(path: Path) -> int:
    """Give a file that a crash cut off its proper end; returns its duration in ms.

    A copy of the packets, written beside it, synced and moved over it: running it
    twice, or dying in it, does no harm. Raises NotMedia when nothing is readable.
    """
    copy = path.with_name(path.name + ".repair")
    try:
        duration_ms = (_copy_sound if path.suffix == ".ogg" else _copy_video)(
            path, copy
        )
        os.replace(copy, path)
    except BaseException:
        copy.unlink(missing_ok=True)
        raise
    sync(path.parent)
    return duration_ms


def _copy_sound(path: Path, copy: Path) -> int:
    container, stream = open_audio(path)
    with container, closing(OggOpusWriter(copy)) as writer:
        for packet in _readable(container, stream):
            if opus_samples(data := bytes(packet)):
                writer.write(data)
    if writer.samples == 0:
        raise NotMedia("no packet to be read")
    return writer.samples * 1000 // OPUS_RATE


def _copy_video(path: Path, copy: Path) -> int:
    with open_media(path) as container:
        if not container.streams.video:
            raise NotMedia("no picture in it")
        stream = container.streams.video[0]
        codec = stream.codec_context.name
        with closing(PictureWriter(copy, codec, stream)) as writer:
            for packet in _readable(container, stream):
                if packet.size and packet.pts is not None:
                    at_ms = round(packet.pts * packet.time_base * 1000)
                    writer.write(bytes(packet), at_ms, packet.is_keyframe)
    if writer.frames == 0:
        raise NotMedia("no picture to be read")
    return writer.duration_ms


def _length_ms(path: Path) -> int:
    """Where the pictures of a file end."""
    with open_media(path) as container:
        packets = _readable(container, container.streams.video[0])
        ends = [p.pts * p.time_base * 1000 for p in packets if p.pts is not None]
    return round(max(ends, default=0))


def _readable(container: Any, stream: Any) -> Iterator[Any]:
    """Packets up to where the file is torn; what goes wrong in writing is no tear."""
    packets = container.demux(stream)
    while True:
        try:
            packet = next(packets, None)
        except av.FFmpegError:
            return
        if packet is None:
            return
        yield packet


def repair_all(record_dir: Path, sound_only: bool = False) -> list[Segment]:
    """Repair every segment the manifest still has `open`; returns them as repaired.

    One with nothing readable comes back with `duration_ms` 0. Not for a live room.
    """
    manifest = RecordingManifest(record_dir)
    repaired = [
        _repair_segment(record_dir, segment)
        for segment in manifest.load().values()
        if segment.state == "open" and not (sound_only and segment.kind == "video")
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
    except (
        OSError
    ) as error:  # a full disk: pictures stay as they are, and cost no sound
        if segment.kind != "video":
            raise
        logger.warning("%s is not repaired: %s", segment.file, error)
        return replace(segment, state="repaired", duration_ms=_length_ms(path))
    return replace(
        segment,
        state="repaired",
        duration_ms=duration_ms,
        gaps=_filled(path, segment.offset_ms) if segment.kind == "audio" else (),
        sha256=sha256(path),
    )


def _filled(path: Path, offset_ms: int) -> tuple[tuple[int, int], ...]:
    """Where a file has the silence that we write, and no microphone ever sends: who
    wrote it knew the gaps, and was killed."""
    gaps: list[tuple[int, int]] = []
    done, since = 0, None
    for data in chain(opus_packets(path), [b""]):
        at = offset_ms + done * 1000 // OPUS_RATE
        if data == OPUS_SILENCE:
            since = at if since is None else since
        elif since is not None:
            gaps.append((since, at))
            since = None
        done += opus_samples(data)
    return tuple(gap for gap in gaps if gap[1] - gap[0] >= DRAWN_GAP_MS)

import errno
import logging
import queue
import threading
from concurrent.futures import Future
from dataclasses import dataclass, replace
from pathlib import Path

from meetings.media.clock import TrackClock
from meetings.media.egress.manifest import RecordingManifest
from meetings.media.events import Segment
from meetings.media.packets import (
    OPUS_FRAME,
    OPUS_RATE,
    OPUS_SILENCE,
    EncodedFrame,
    opus_samples,
)
from meetings.media.writers import OggOpusWriter, sha256

logger = logging.getLogger(__name__)

QUEUE_ITEMS = 1500  # 30 s of 20 ms packets between the media loop and the disk
DRAWN_GAP_MS = 100  # shorter ones are single lost packets: filled, and not drawn


@dataclass(frozen=True)
class Write:
    """One packet, `times` over."""

    data: bytes
    times: int = 1


@dataclass(frozen=True)
class End:
    gaps: tuple[tuple[int, int], ...]
    packets_lost: int


Inbox = queue.Queue[Write | End]


def write_segment(
    record_dir: Path, segment: Segment, inbox: Inbox, done: Future[Segment]
) -> None:
    """Thread: write the file and its manifest lines until `End`.

    All disk work of a segment is here, so that no slow disk holds up the media loop.
    """
    try:
        done.set_result(_write_file(record_dir, segment, inbox))
    except Exception as error:  # whatever it was, the room must hear of it
        logger.warning("segment %s: %s", segment.id, error)
        done.set_exception(error)


def _write_file(record_dir: Path, segment: Segment, inbox: Inbox) -> Segment:
    manifest = RecordingManifest(record_dir)
    manifest.append(segment)
    writer = OggOpusWriter(record_dir / segment.file)
    try:
        while isinstance(item := inbox.get(), Write):
            writer.write(item.data, item.times)
    finally:
        writer.close()
    closed = replace(
        segment,
        state="closed",
        duration_ms=writer.duration_ms,
        gaps=item.gaps,
        packets_lost=item.packets_lost,
        sha256=sha256(writer.path),
    )
    manifest.append(closed)
    return closed


def failure_code(error: BaseException) -> str:
    """disk_full or write_error."""
    full = isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT)
    return "disk_full" if full else "write_error"


class OpenSegment:
    """The media loop's side of a file that is being written.

    `written` counts samples at 48 kHz handed to the writer: where the file ends.
    """

    def __init__(self, record_dir: Path, segment: Segment) -> None:
        self.segment = segment
        self.clock = TrackClock(OPUS_RATE)
        self.written = 0
        self.done: Future[Segment] = Future()
        self._gaps: list[tuple[int, int]] = []
        self._inbox: Inbox = queue.Queue()
        threading.Thread(
            target=write_segment,
            args=(record_dir, segment, self._inbox, self.done),
            name="segment-writer",
            daemon=True,
        ).start()

    @property
    def end_ms(self) -> int:
        """Room time at which the file ends so far."""
        return self.segment.offset_ms + self.written * 1000 // OPUS_RATE

    def place(self, frame: EncodedFrame) -> int:
        """Position of a frame in the file, in samples.

        One that claims a time which was filled with silence long ago comes from a
        sender that stopped counting: it belongs to now.
        """
        position = self.clock.place(frame.pts, frame.wall)
        delay = self.clock.arrival(frame.wall) - position
        if self.written - position >= OPUS_FRAME and delay > OPUS_RATE:
            return self.clock.anchor(frame.pts, frame.wall)
        return position

    def write(self, data: bytes) -> bool:
        """Append a packet; False when the disk is 30 s behind."""
        return self._put(Write(data), opus_samples(data))

    def silence(self, frames: int) -> bool:
        """Append `frames` of 20 ms; False when the disk is 30 s behind."""
        start = self.end_ms
        if not self._put(Write(OPUS_SILENCE, frames), frames * OPUS_FRAME):
            return False
        self._note_gap(start, self.end_ms)
        return True

    def finish(self, packets_lost: int) -> None:
        """Let the writer end the file; `done` gets the closed segment."""
        gaps = [gap for gap in self._gaps if gap[1] - gap[0] >= DRAWN_GAP_MS]
        end = End(tuple(gaps), packets_lost)
        self._inbox.put_nowait(end)

    def _put(self, item: Write, samples: int) -> bool:
        if self._inbox.qsize() >= QUEUE_ITEMS:
            return False
        if not self.done.done():
            self._inbox.put_nowait(item)
        self.written += samples
        return True

    def _note_gap(self, start: int, end: int) -> None:
        if self._gaps and start - self._gaps[-1][1] <= 1:
            start = self._gaps.pop()[0]
        self._gaps.append((start, end))

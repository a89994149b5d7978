import errno
import logging
import queue
import threading
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

from meetings.media.egress.manifest import RecordingManifest
from meetings.media.events import Segment
from meetings.media.packets import (
    DRAWN_GAP_MS,
    OPUS_FRAME,
    OPUS_RATE,
    OPUS_SILENCE,
    opus_samples,
)
from meetings.media.writers import OggOpusWriter, sha256

logger = logging.getLogger(__name__)

QUEUE_ITEMS = 1500  # 30 s of 20 ms packets between the media loop and the disk
ABREAST_ITEMS = 50  # 1 s of them
BEHIND_ITEMS = 250  # 5 s


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
    record_dir: Path,
    segment: Segment,
    inbox: Inbox,
    begun: Future[None],
    done: Future[Segment],
) -> None:
    """Thread: write the file and its manifest lines until `End`.

    All disk work of a segment is here, so that no slow disk holds up the media loop.
    """
    for future in (begun, done):
        future.set_running_or_notify_cancel()  # who stops waiting cancels nothing
    try:
        done.set_result(_write_file(record_dir, segment, inbox, begun))
    except Exception as error:  # whatever it was, the room must hear of it
        logger.warning("segment %s: %s", segment.id, error)
        if not begun.done():
            with suppress(OSError):
                (record_dir / segment.file).unlink(missing_ok=True)  # nothing is in it
            begun.set_exception(error)
        done.set_exception(error)


def _write_file(
    record_dir: Path, segment: Segment, inbox: Inbox, begun: Future[None]
) -> Segment:
    manifest = RecordingManifest(record_dir)
    manifest.append(segment)
    writer = OggOpusWriter(record_dir / segment.file)
    sound = 0
    try:
        while isinstance(item := inbox.get(), Write):
            writer.write(item.data, item.times)
            sound += opus_samples(item.data) if item.data != OPUS_SILENCE else 0
            if not begun.done():
                begun.set_result(None)  # the head is flushed with the first packet
    except Exception:
        with suppress(Exception):  # the first error is the one that says why
            writer.close()
        raise
    writer.close()
    closed = replace(
        segment,
        state="closed",
        duration_ms=writer.duration_ms,
        gaps=item.gaps,
        packets_lost=item.packets_lost,
        sha256=sha256(writer.path),
        sound_ms=sound * 1000 // OPUS_RATE,
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

    def __init__(self, record_dir: Path, about: Segment) -> None:
        self.about = about
        self.written = 0
        self.begun: Future[None] = Future()  # the disk has the beginning
        self.done: Future[Segment] = Future()
        self._gaps: list[tuple[int, int]] = []
        self._inbox: Inbox = queue.Queue()
        threading.Thread(
            target=write_segment,
            args=(record_dir, about, self._inbox, self.begun, self.done),
            name="segment-writer",
            daemon=True,
        ).start()

    @property
    def end_ms(self) -> int:
        """Room time at which the file ends so far."""
        return self.about.offset_ms + self.written * 1000 // OPUS_RATE

    @property
    def keeps_up(self) -> bool:
        """Whether the disk took two seconds, and is not a second behind."""
        alive = not self.done.done() and self._inbox.qsize() < ABREAST_ITEMS
        return alive and self.written >= 2 * OPUS_RATE

    @property
    def is_behind(self) -> bool:
        """Whether the disk has not taken what came in five seconds."""
        return not self.done.done() and self._inbox.qsize() > BEHIND_ITEMS

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

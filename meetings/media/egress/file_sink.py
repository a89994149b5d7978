import asyncio
import logging
import secrets
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from meetings.media.egress.segment import OpenSegment, failure_code
from meetings.media.events import Segment
from meetings.media.packets import OPUS_FRAME, OPUS_RATE

logger = logging.getLogger(__name__)

RETRY_SECONDS = 10.0  # until a disk that failed is tried again
SLOW = "disk_slow"


@dataclass(frozen=True)
class FileEvents:
    """What happens to files, told on the media loop."""

    opened: Callable[[Segment], None]  # the disk has its beginning
    closed: Callable[[Segment], None]
    # code, detail; once until the disk keeps up, and again where slowness became loss
    failed: Callable[[str, str], None]


class FileSink:
    """Writes a person's sound into files: one per stretch, and one after each failure.

    What the disk does not take is lost to the file, and to nobody else: the next file,
    or silence in this one, goes on at the right time.
    """

    def __init__(
        self,
        record_dir: Path,
        about: Segment,
        events: FileEvents,
        packets_lost: Callable[[], int],
    ) -> None:
        """`about`: what all segments of this track have in common."""
        self._dir = record_dir
        self._about = about
        self._events = events
        self._packets_lost = packets_lost
        self._offset_ms = 0  # of the stretch
        self._start = 0  # of the segment, in samples from there
        self._segment: OpenSegment | None = None
        self._now = 0.0  # wall, of the newest sound
        self._retry_at = 0.0  # wall
        self._failing = ""  # the code that was told
        self.written_ms = 0  # of sound that came, in files that are closed
        self._writing: set[asyncio.Task[None]] = set()

    def begin(self, offset_ms: int) -> None:
        """Put what comes now, from this room time on, into a file of its own."""
        self._finish()
        self._offset_ms = offset_ms

    def write(self, position: int, data: bytes, wall: float) -> None:
        """Append a packet that belongs to this position of the stretch, in samples."""
        if segment := self._ready(position, wall):
            self._note(segment.write(data), segment)

    def silence(self, position: int, frames: int, wall: float) -> None:
        """Append `frames` of 20 ms."""
        if segment := self._ready(position, wall):
            self._note(segment.silence(frames), segment)

    async def close(self) -> None:
        """Finish the file; returns when the disk has it."""
        self._finish()
        await asyncio.gather(*self._writing, return_exceptions=True)

    def _ready(self, position: int, wall: float) -> OpenSegment | None:
        """The segment, filled up to this position; None while the disk fails."""
        self._now = wall
        segment = self._segment or self._open(position)
        if segment is None:
            return None
        missing = (position - self._start - segment.written) // OPUS_FRAME
        if missing > 0 and not segment.silence(missing):
            self._note(False, segment)
            return None
        return segment

    def _open(self, position: int) -> OpenSegment | None:
        if self._now < self._retry_at:
            return None
        id, offset = secrets.token_hex(16), position * 1000 // OPUS_RATE
        about = replace(
            self._about, id=id, file=f"{id}.ogg", offset_ms=self._offset_ms + offset
        )
        self._start, self._segment = position, OpenSegment(self._dir, about)
        following = asyncio.ensure_future(self._follow(self._segment))
        self._writing.add(following)
        following.add_done_callback(self._writing.discard)
        return self._segment

    async def _follow(self, segment: OpenSegment) -> None:
        try:
            await asyncio.wrap_future(segment.begun)
            self._events.opened(segment.about)
            closed = await asyncio.wrap_future(segment.done)
            self.written_ms += closed.sound_ms
            self._events.closed(closed)
        except Exception as error:
            if self._segment is segment:
                self._segment = None
            self._retry_at = self._now + RETRY_SECONDS
            self._fail(failure_code(error), str(error))

    def _finish(self) -> None:
        if self._segment is not None:
            self._segment.finish(self._packets_lost())
            self._segment = None

    def _note(self, taken: bool, segment: OpenSegment) -> None:
        if not taken:
            self._fail("queue_overflow", "the disk is 30 s behind")
        elif segment.is_behind:
            self._fail(SLOW, "the disk is 5 s behind")
        elif self._failing and segment.keeps_up:
            self._failing = ""
            logger.info("segment %s: the disk keeps up again", segment.about.id)

    def _fail(self, code: str, detail: str) -> None:
        if self._failing == code or self._failing not in ("", SLOW):
            return
        logger.warning("%s: %s", self._about.participant_id, detail)
        self._failing = code
        self._events.failed(code, detail)

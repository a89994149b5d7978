import asyncio
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from meetings.media.clock import RoomClock, wall_now
from meetings.media.egress.segment import OpenSegment, failure_code
from meetings.media.events import Segment
from meetings.media.packets import OPUS_FRAME, OPUS_RATE, EncodedFrame, opus_samples
from meetings.media.pcm import PCMChunk, PCMDecoder
from meetings.media.track import TrackRemote

FILL_LAG = 2.0  # s that packets may be late before silence is written for them
RETRY_SECONDS = 10.0  # until a disk that failed is tried again, and told of again


@dataclass(frozen=True)
class RecorderEvents:
    """What a recorder tells its room, all on the media loop."""

    opened: Callable[[Segment], None]
    closed: Callable[[Segment], None]
    failed: Callable[[str, str], None]  # code, detail
    pcm: Callable[[PCMChunk], None]


class TrackRecorder:
    """Writes and decodes one audio track of a person; exists only while recorded.

    Hears encoded frames on the media loop, keeps them on the room's clock, fills what
    is missing with silence, and leaves the disk to the segment's thread.
    """

    def __init__(
        self,
        record_dir: Path,
        participant_id: str,
        track: TrackRemote,
        clock: RoomClock,
        events: RecorderEvents,
        leave_timeout: float = 15.0,
    ) -> None:
        self._dir = record_dir
        self._participant_id = participant_id
        self._track = track
        self._clock = clock
        self._events = events
        self._leap = round(leave_timeout * OPUS_RATE)
        self._decoder = PCMDecoder()
        self._segment: OpenSegment | None = None
        self._quiet_until = 0.0  # of failure events, wall
        self._writing: set[asyncio.Future[None]] = set()
        self._unsubscribe = track.subscribe(self.hear)

    def hear(self, frame: EncodedFrame) -> None:
        """Take one audio frame."""
        samples = opus_samples(frame.data)
        if not samples:
            return
        segment = self._segment or self._begin(frame)
        position = segment.place(frame)
        if self._must_roll(segment, position, frame.wall):
            segment = self._begin(frame)
            position = segment.place(frame)
        if segment.written - position >= OPUS_FRAME:
            return  # silence stands in its place already, or it came twice
        self._fill(segment, position)
        t = segment.end_ms
        if segment.write(frame.data):
            self._events.pcm(self._decoder.push(t, frame.data))
        else:
            self._fail("queue_overflow", "the disk is 30 s behind", frame.wall)

    def tick(self, wall: float) -> None:
        """Write silence for what has not arrived; call a few times a second."""
        if self._segment is not None:
            due = self._segment.clock.arrival(wall - FILL_LAG)
            self._fill(self._segment, due)

    async def close(self) -> None:
        """Stop hearing and finish the file; returns when the disk has it."""
        self._unsubscribe()
        self._finish()
        await asyncio.gather(*self._writing, return_exceptions=True)

    def _begin(self, frame: EncodedFrame) -> OpenSegment:
        self._finish()
        name = secrets.token_hex(16)
        segment = Segment(
            id=name,
            participant_id=self._participant_id,
            source=self._track.source,
            kind="audio",
            codec=frame.codec,
            file=f"{name}.ogg",
            offset_ms=self._clock.at(frame.wall),
        )
        self._segment = OpenSegment(self._dir, segment)
        self._watch(self._segment)
        self._events.opened(segment)
        return self._segment

    def _watch(self, segment: OpenSegment) -> None:
        written = asyncio.ensure_future(self._await_file(segment))
        self._writing.add(written)
        written.add_done_callback(self._writing.discard)

    async def _await_file(self, segment: OpenSegment) -> None:
        try:
            self._events.closed(await asyncio.wrap_future(segment.done))
        except Exception as error:
            self._fail(failure_code(error), str(error), wall_now())

    def _must_roll(self, segment: OpenSegment, position: int, wall: float) -> bool:
        broken = segment.done.done() and wall >= self._quiet_until
        return broken or abs(position - segment.written) > self._leap

    def _finish(self) -> None:
        if self._segment is not None:
            self._segment.finish(self._track.buffer.lost)
            self._segment = None

    def _fill(self, segment: OpenSegment, position: int) -> None:
        frames = (position - segment.written) // OPUS_FRAME
        if frames <= 0:
            return
        t = segment.end_ms
        if segment.silence(frames):
            self._events.pcm(self._decoder.zeros(t, frames * OPUS_FRAME))

    def _fail(self, code: str, detail: str, wall: float) -> None:
        if wall >= self._quiet_until:
            self._quiet_until = wall + RETRY_SECONDS
            self._events.failed(code, detail)

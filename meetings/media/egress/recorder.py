import asyncio
import math
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from meetings.media.clock import RoomClock
from meetings.media.egress.decoder import DecoderSink, Listen
from meetings.media.egress.file_sink import FileEvents, FileSink
from meetings.media.egress.onset import Onset
from meetings.media.egress.stretch import Stretch
from meetings.media.events import Segment
from meetings.media.packets import OPUS_FRAME, OPUS_RATE, EncodedFrame, opus_samples
from meetings.media.track import MediaTrack

FILL_LAG = 2.0  # s that packets may be late before silence stands for them


@dataclass(frozen=True)
class RecorderEvents(FileEvents):
    """What a recorder tells its room: `pcm` on a thread of its own, the rest on the
    media loop."""

    began: Callable[[], None]  # before the first chunk
    pcm: Listen
    ended: Callable[[], None]  # after the last one
    # ms of sound in the file, and of what was heard; once, at the end
    compared: Callable[[int, int], None] = lambda written, heard: None


class TrackRecorder:
    """Lays one audio track of a person on the room's clock, for the file and for those
    who listen; exists only while recorded.

    Hears encoded frames on the media loop and fills what is missing with silence. The
    two sinks know nothing of each other: what one loses, the other has.
    """

    def __init__(
        self,
        record_dir: Path,
        participant_id: str,
        track: MediaTrack,
        clock: RoomClock,
        events: RecorderEvents,
        leave_timeout: float = 15.0,
    ) -> None:
        self._clock = clock
        self._events = events
        self._leap = round(leave_timeout * OPUS_RATE)
        self._stretch: Stretch | None = None
        self._onset: Onset | None = None  # until the first stretch begins
        self._decoder: DecoderSink | None = None
        about = Segment(
            id="",
            participant_id=participant_id,
            source=track.source,
            kind="audio",
            codec=track.codec,
            file="",
            offset_ms=0,
        )
        self._file = FileSink(record_dir, about, events, lambda: track.buffer.lost)
        self._unsubscribe = track.subscribe(self.hear)

    def hear(self, frame: EncodedFrame) -> None:
        """Take one audio frame."""
        if not opus_samples(frame.data):
            return
        if self._stretch is not None:
            self._lay(self._stretch, frame)
        elif self._onset is None:
            self._onset = Onset(frame)
        else:
            self._onset.hear(frame)
            self._settle(frame.wall)

    def _settle(self, wall: float) -> None:
        """Begin with what is held, once it is known when it was spoken."""
        if self._onset and self._onset.is_over(wall):
            onset, self._onset = self._onset, None
            spoken_at = max(onset.spoken_at, self._clock.origin_wall)
            stretch = self._begin(onset.frames[0], spoken_at)
            for frame in onset.frames:
                self._lay(stretch, frame)

    def _lay(self, stretch: Stretch, frame: EncodedFrame) -> None:
        position = stretch.place(frame)
        if abs(position - stretch.laid) > self._leap:
            stretch = self._begin(frame, frame.wall)
            position = stretch.place(frame)
        if stretch.laid - position >= OPUS_FRAME:
            return  # silence stands in its place already, or it came twice
        self._fill(stretch, position, frame.wall)
        if self._decoder:
            self._decoder.write(stretch.end_ms, frame.data)
        self._file.write(stretch.laid, frame.data, frame.wall)
        stretch.laid += opus_samples(frame.data)

    def tick(self, wall: float) -> None:
        """Lay silence for what has not arrived; call a few times a second."""
        self._settle(wall)
        if self._stretch is not None:
            due = self._stretch.clock.arrival(wall - FILL_LAG)
            self._fill(self._stretch, due, wall)

    async def close(self) -> None:
        """Stop hearing and finish the file; returns when the disk has it."""
        self._unsubscribe()
        self._settle(math.inf)
        await asyncio.gather(self._end_sound(), self._file.close())
        if self._decoder:
            self._events.compared(self._file.written_ms, self._decoder.heard_ms)

    def _begin(self, frame: EncodedFrame, spoken_at: float) -> Stretch:
        if self._decoder is None:
            self._events.began()
            self._decoder = DecoderSink(self._events.pcm)
        self._stretch = Stretch(self._clock.at(spoken_at))
        self._stretch.begin(frame, spoken_at)
        self._file.begin(self._stretch.offset_ms)
        return self._stretch

    def _fill(self, stretch: Stretch, position: int, wall: float) -> None:
        frames = (position - stretch.laid) // OPUS_FRAME
        if frames <= 0:
            return
        if self._decoder:
            self._decoder.silence(stretch.end_ms, frames)
        self._file.silence(stretch.laid, frames, wall)
        stretch.laid += frames * OPUS_FRAME

    async def _end_sound(self) -> None:
        if self._decoder:
            await self._decoder.close()
            self._events.ended()

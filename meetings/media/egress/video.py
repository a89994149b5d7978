import asyncio
import logging
import secrets
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from meetings.media.clock import RoomClock, TrackClock
from meetings.media.config import MediaConfig
from meetings.media.egress.file_sink import RETRY_SECONDS, FileEvents
from meetings.media.egress.segment import failure_code
from meetings.media.egress.video_file import OpenVideo
from meetings.media.events import Segment
from meetings.media.packets import EncodedFrame
from meetings.media.pictures import PICTURES
from meetings.media.track import MediaTrack

logger = logging.getLogger(__name__)

PICTURE_RATE = 90_000  # Hz; the clock of pictures in RTP
KEYFRAME_INTERVAL = 20.0  # s: how far a player reads back when somebody seeks
LONGEST = 7200.0  # s of a file: until it is closed its index grows in memory
CAMERA_GONE = 4.0  # s without a picture after which a file of a camera ends


class VideoRecorder:
    """Copies a camera or a shared screen into files, at their room time.

    A file begins with a key frame and ends when the camera goes off, after two hours,
    after a leap in time and when the disk does not keep up; then the next one is tried.
    """

    def __init__(
        self,
        record_dir: Path,
        participant_id: str,
        track: MediaTrack,
        clock: RoomClock,
        events: FileEvents,
        config: MediaConfig,
        sized: Callable[[int, int], None] = lambda width, height: None,
    ) -> None:
        """`sized`: told how many pixels there are from now on."""
        self._dir = record_dir
        self._track = track
        self._clock = clock
        self._events = events
        self._reserve = config.video_reserve
        self._leap = round(config.leave_timeout * PICTURE_RATE)
        self._about = Segment(
            id="",
            participant_id=participant_id,
            source=track.source,
            kind="video",
            codec=track.codec,
            file="",
            offset_ms=0,
        )
        self._codec = PICTURES[track.codec]
        self._sized = sized
        self._size = (0, 0)
        self._file: OpenVideo | None = None
        self._times = TrackClock(PICTURE_RATE)
        self._begun_at = 0.0  # wall
        self._asked_at = 0.0  # wall, for a key frame
        self._retry_at = 0.0  # wall
        self._failing = False
        self._writing: set[asyncio.Task[None]] = set()
        self._unsubscribe = track.subscribe(self.hear)
        track.request_keyframe()

    def hear(self, frame: EncodedFrame) -> None:
        """Take one picture."""
        self._ask(frame)
        if frame.keyframe:
            self._measure(frame.data)
            if frame.wall - self._begun_at > LONGEST:
                self._finish()
        file = self._file or self._begin(frame)
        if file is None:
            return
        at = self._times.place(frame.pts, frame.wall)
        if abs(at - self._times.arrival(frame.wall)) > self._leap:
            return self._finish()  # the sender's clock jumped: a new file, a new clock
        at_ms = max(0, at * 1000 // PICTURE_RATE)
        if not file.write(frame.data, at_ms, frame.keyframe):
            self._finish()
            self._fail("queue_overflow", "the disk is too far behind", frame.wall)
        elif at_ms > RETRY_SECONDS * 1000:
            self._failing = False

    def tick(self, wall: float) -> None:
        """End the file of a camera that is off; call a few times a second."""
        off = wall - self._track.last_frame_at > CAMERA_GONE
        if self._file and off and self._about.source == "camera":
            self._finish()

    async def close(self) -> None:
        """Stop and finish the file; returns when the disk has it."""
        self._unsubscribe()
        self._finish()
        await asyncio.gather(*self._writing, return_exceptions=True)

    def _measure(self, data: bytes) -> None:
        with suppress(ValueError):  # torn: the next one tells
            if (size := self._codec.size(data)) != self._size:
                self._size = size
                self._sized(*size)

    def _ask(self, frame: EncodedFrame) -> None:
        """Have a key frame now and then, and one a second until a file begins."""
        if frame.keyframe:
            self._asked_at = frame.wall
        wait = KEYFRAME_INTERVAL if self._file else 1.0
        if frame.wall - self._asked_at >= wait and frame.wall >= self._retry_at:
            self._asked_at = frame.wall
            self._track.request_keyframe()

    def _begin(self, frame: EncodedFrame) -> OpenVideo | None:
        if not frame.keyframe or frame.wall < self._retry_at:
            return None
        id = secrets.token_hex(16)
        offset_ms = self._clock.at(frame.wall)
        name = id + self._codec.suffix
        about = replace(self._about, id=id, file=name, offset_ms=offset_ms)
        self._times = TrackClock(PICTURE_RATE)
        self._begun_at = frame.wall
        self._file = OpenVideo(self._dir, about, self._reserve)
        following = asyncio.ensure_future(self._follow(self._file))
        self._writing.add(following)
        following.add_done_callback(self._writing.discard)
        return self._file

    async def _follow(self, file: OpenVideo) -> None:
        try:
            await asyncio.wrap_future(file.begun)
            self._events.opened(file.about)
            written = await asyncio.wrap_future(file.done)
            self._events.closed(written.segment)
            if written.error:
                raise written.error
        except Exception as error:
            if self._file is file:
                self._file = None
            self._fail(failure_code(error), str(error), self._track.last_frame_at)

    def _finish(self) -> None:
        if self._file is not None:
            self._file.finish()
            self._file = None

    def _fail(self, code: str, detail: str, wall: float) -> None:
        """Tell it once, until the disk took ten seconds; try again later."""
        self._retry_at = wall + RETRY_SECONDS
        if not self._failing:
            self._failing = True
            logger.warning("pictures are not recorded: %s (%s)", code, detail)
            self._events.failed(code, detail)

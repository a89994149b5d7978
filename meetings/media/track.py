import asyncio
import logging
import time
from collections.abc import Callable
from fractions import Fraction
from typing import Any, Protocol, cast

import av
from aiortc import MediaStreamTrack, RTCRtpReceiver
from aiortc.mediastreams import MediaStreamError

from meetings.media import aiortc_compat
from meetings.media.clock import wall_now
from meetings.media.events import Kind
from meetings.media.jitter import AudioReorderBuffer
from meetings.media.packets import EncodedFrame

logger = logging.getLogger(__name__)

Sink = Callable[[EncodedFrame], None]  # called on the media loop; must not block

CODECS: dict[Kind, str] = {"audio": "opus", "video": "vp8"}
CLOCK_RATES: dict[Kind, int] = {"audio": 48_000, "video": 90_000}
QUEUE_FRAMES = 200  # per receiving browser: 4 s of sound
KEYFRAME_INTERVAL = 1.0  # s between requests to one publisher


class PacketCounts(Protocol):
    """Packets that did not arrive, and that came too late."""

    lost: int
    late: int


class MediaTrack(Protocol):
    """What a room needs of a track, wherever its frames come from.

    `source`: microphone, camera, tab; the room forwards and names tracks by it.
    """

    kind: Kind
    codec: str
    source: str
    frames: int
    last_frame_at: float  # wall; 0 before the first

    @property
    def buffer(self) -> PacketCounts: ...

    @property
    def last_packet_at(self) -> float: ...

    def subscribe(self, sink: Sink) -> Callable[[], None]: ...

    def stuck_for(self, now: float) -> float: ...

    def request_keyframe(self) -> None: ...

    def thaw(self, now: float) -> None: ...

    def rest(self, now: float) -> None: ...

    def mute(self) -> None: ...

    async def close(self) -> None: ...


class Sinks:
    """Those who get the frames of a track."""

    def __init__(self, source: str) -> None:
        self._source = source
        self._sinks: list[Sink] = []

    def add(self, sink: Sink) -> Callable[[], None]:
        self._sinks.append(sink)
        return lambda: self._sinks.remove(sink) if sink in self._sinks else None

    def clear(self) -> None:
        self._sinks.clear()

    def hand(self, frame: EncodedFrame) -> None:
        for sink in list(self._sinks):
            try:
                sink(frame)
            except Exception:
                # one bad listener must not stop the others, nor the reader
                logger.exception("a listener of a %s track failed", self._source)


class TrackRemote:
    """One track that a browser sends: read by one task, handed to any number of sinks.

    `source` says what it is: microphone, camera, screen or tab (the sound of a shared
    tab or system).
    """

    def __init__(
        self,
        track: MediaStreamTrack,
        receiver: RTCRtpReceiver,
        source: str,
        audio_hold: int = 2,
    ) -> None:
        self.kind = cast(Kind, track.kind)
        self.codec = CODECS[self.kind]
        self.source = source
        self.buffer = AudioReorderBuffer(audio_hold)
        self.frames = 0
        self.last_frame_at = 0.0  # wall; 0 before the first
        self._receiver = receiver
        self._sinks = Sinks(source)
        self._pts: int | None = None
        self._heard_at = 0.0
        self._thawed_at = wall_now()
        self._asked_at = 0.0
        self._ask: asyncio.TimerHandle | None = None
        if self.kind == "audio":
            aiortc_compat.set_audio_buffer(receiver, self.buffer)
        self._task = asyncio.ensure_future(self._read(track))

    def subscribe(self, sink: Sink) -> Callable[[], None]:
        """Hand every frame from now on to `sink`; call the result to stop."""
        return self._sinks.add(sink)

    @property
    def last_packet_at(self) -> float:
        """Wall time of the last RTP packet, whole frame or not; 0 before the first."""
        # aiortc forgets a source after 10 s
        for source in self._receiver.getSynchronizationSources():
            self._heard_at = max(self._heard_at, source.timestamp.timestamp())
        return self._heard_at

    def stuck_for(self, now: float) -> float:
        """Seconds since the last whole frame, since the picture was restarted, or
        since nothing arrived."""
        return now - max(self.last_frame_at, self._thawed_at)

    def request_keyframe(self) -> None:
        """Ask the sender for a key frame: soon, and at most once a second."""
        if self.kind != "video" or self._ask is not None:
            return
        wait = self._asked_at + KEYFRAME_INTERVAL - time.monotonic()
        loop = asyncio.get_running_loop()
        self._ask = loop.call_later(max(0.0, wait), self._send_request)

    def thaw(self, now: float) -> None:
        """Start the picture afresh after a packet that was never repaired."""
        self._thawed_at = now
        aiortc_compat.renew_video_buffer(self._receiver)
        self.request_keyframe()

    def rest(self, now: float) -> None:
        """Note that nothing arrives: the next picture has its time from then on."""
        self._thawed_at = now

    def mute(self) -> None:
        """Hand no more frames to anybody."""
        self._sinks.clear()

    async def close(self) -> None:
        self.mute()
        if self._ask is not None:
            self._ask.cancel()
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)

    def _send_request(self) -> None:
        self._ask = None
        self._asked_at = time.monotonic()
        asyncio.ensure_future(aiortc_compat.request_keyframe(self._receiver))

    async def _read(self, track: MediaStreamTrack) -> None:
        try:
            while True:
                self._deliver(await track.recv())
        except MediaStreamError:
            pass  # aiortc's word for the end of a track

    def _deliver(self, packet: Any) -> None:
        frame = EncodedFrame(
            kind=self.kind,
            codec=self.codec,
            data=bytes(packet),
            pts=self._unwrap(packet.pts or 0),
            clock_rate=CLOCK_RATES[self.kind],
            keyframe=bool(packet.is_keyframe),
            wall=wall_now(),
        )
        self.frames += 1
        self.last_frame_at = frame.wall
        self._sinks.hand(frame)

    def _unwrap(self, pts: int) -> int:
        """Undo aiortc's leap of 2**32 at every backward timestamp."""
        last = pts if self._pts is None else self._pts
        self._pts = last + (pts - last + 2**31) % 2**32 - 2**31
        return self._pts


class TrackLocal(MediaStreamTrack):
    """One half of a seat: carries whichever track is attached to a browser.

    Its time line goes on over a change of publisher; video waits for a key frame.
    """

    def __init__(self, kind: Kind) -> None:
        self.kind = kind
        super().__init__()
        self.remote: MediaTrack | None = None
        self.dropped = 0
        self._queue: asyncio.Queue[Any] = asyncio.Queue()
        self._unsubscribe: Callable[[], None] = lambda: None
        self._started = time.monotonic()
        self._last = -1
        self._shift: int | None = None
        self._needs_key = False

    def attach(self, remote: MediaTrack | None) -> None:
        """Carry this track from now on; None for nobody."""
        if remote is self.remote:
            return
        self._unsubscribe()
        self._unsubscribe = remote.subscribe(self.put) if remote else lambda: None
        self.remote = remote
        self._shift = None
        self._wait_for_key()

    def request_keyframe(self) -> None:
        if self.remote is not None:
            self.remote.request_keyframe()

    def put(self, frame: EncodedFrame) -> None:
        """Queue a frame; a browser that does not keep up loses the oldest."""
        if self._needs_key and not frame.keyframe:
            return
        self._needs_key = False
        if self._queue.qsize() >= QUEUE_FRAMES:
            self._shed()
        if not self._needs_key:
            self._queue.put_nowait(self._restamp(frame))

    async def recv(self) -> Any:
        if self.readyState != "live":
            raise MediaStreamError
        packet = await self._queue.get()
        if packet is None:
            raise MediaStreamError
        return packet

    def stop(self) -> None:
        self.attach(None)
        self._queue.put_nowait(None)  # frees a sender that waits in recv
        super().stop()

    def _wait_for_key(self) -> None:
        self._needs_key = self.kind == "video"
        if self._needs_key:
            self.request_keyframe()

    def _shed(self) -> None:
        keep = QUEUE_FRAMES - 1 if self.kind == "audio" else 0
        while self._queue.qsize() > keep:
            self._queue.get_nowait()
            self.dropped += 1
        self._wait_for_key()

    def _restamp(self, frame: EncodedFrame) -> Any:
        if self._shift is None or frame.pts + self._shift <= self._last:
            elapsed = round((time.monotonic() - self._started) * frame.clock_rate)
            self._shift = max(elapsed, self._last + 1) - frame.pts
        self._last = frame.pts + self._shift
        packet = av.Packet(frame.data)
        packet.pts = packet.dts = self._last
        packet.time_base = Fraction(1, frame.clock_rate)
        return packet

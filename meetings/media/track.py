import asyncio
import logging
import time
from collections.abc import Callable
from typing import Protocol

from aiortc import RTCRtpReceiver

from meetings.media import aiortc_compat
from meetings.media.aiortc_compat import rtp
from meetings.media.clock import wall_now
from meetings.media.events import Kind
from meetings.media.jitter import AudioReorderBuffer
from meetings.media.packets import EncodedFrame
from meetings.media.pictures import PICTURES

logger = logging.getLogger(__name__)

Sink = Callable[[EncodedFrame], None]  # called on the media loop; must not block

CLOCK_RATES: dict[Kind, int] = {"audio": 48_000, "video": 90_000}
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
    """One track that a browser sends, handed to any number of sinks as it arrives.

    `source` says what it is: microphone, camera, screen or tab (the sound of a shared
    tab or system). `codec`: opus, or one of PICTURES.
    """

    def __init__(
        self, codec: str, receiver: RTCRtpReceiver, source: str, audio_hold: int = 2
    ) -> None:
        self.kind: Kind = "video" if codec in PICTURES else "audio"
        self.codec = codec
        self.source = source
        self.buffer = AudioReorderBuffer(audio_hold)
        self.frames = 0
        self.last_frame_at = 0.0  # wall; 0 before the first
        self._receiver = receiver
        self._sinks = Sinks(source)
        self._pts = 0
        self._timestamp: int | None = None  # the last one's, of RTP
        self._heard_at = 0.0
        self._thawed_at = wall_now()
        self._asked_at = 0.0
        self._ask: asyncio.TimerHandle | None = None
        self._over = False  # what still arrives is nobody's
        if self.kind == "audio":
            rtp.take_frames(receiver, self.buffer, self._deliver)
        else:
            self._pictures = PICTURES[codec]
            self._complete = self._pictures.completed()
            self._take_pictures()

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
        self._take_pictures()
        self.request_keyframe()

    def rest(self, now: float) -> None:
        """Note that nothing arrives: the next picture has its time from then on."""
        self._thawed_at = now

    def mute(self) -> None:
        """Hand no more frames to anybody, nor count them."""
        self._over = True
        self._sinks.clear()

    async def close(self) -> None:
        self.mute()
        if self._ask is not None:
            self._ask.cancel()

    def _send_request(self) -> None:
        self._ask = None
        self._asked_at = time.monotonic()
        asyncio.ensure_future(aiortc_compat.request_keyframe(self._receiver))

    def _take_pictures(self) -> None:
        """From here on, whatever is missing of the one before."""
        buffer = rtp.VideoBuffer()
        rtp.take_frames(self._receiver, buffer, self._deliver)

    def _deliver(self, timestamp: int, data: bytes) -> None:
        if self._over:
            return
        if self.kind == "video":
            data = self._complete(data)
        frame = EncodedFrame(
            kind=self.kind,
            codec=self.codec,
            data=data,
            pts=self._unwrap(timestamp),
            clock_rate=CLOCK_RATES[self.kind],
            keyframe=self.kind == "audio" or self._pictures.is_keyframe(data),
            wall=wall_now(),
        )
        self.frames += 1
        self.last_frame_at = frame.wall
        self._sinks.hand(frame)

    def _unwrap(self, timestamp: int) -> int:
        """Count on over the wrap of RTP's 32 bits, and backwards where it goes."""
        last = timestamp if self._timestamp is None else self._timestamp
        self._timestamp = timestamp
        self._pts += (timestamp - last + 2**31) % 2**32 - 2**31
        return self._pts


class TrackLocal:
    """One half of a seat: carries whichever track is attached to a browser.

    Its time line goes on over a change of publisher; video waits for a key frame.
    """

    def __init__(self, kind: Kind, outlet: rtp.RtpOutlet) -> None:
        self.kind = kind
        self.remote: MediaTrack | None = None
        self._outlet = outlet
        self._unsubscribe: Callable[[], None] = lambda: None
        self._started = time.monotonic()
        self._last = -1
        self._shift: int | None = None
        self._needs_key = False
        self._picture = 0
        outlet.opened = self._wait_for_key

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
        """Send a frame, once the browser can receive any."""
        if not self._outlet.is_open or (self._needs_key and not frame.keyframe):
            return
        self._needs_key = False
        self._outlet.send(frame.codec, self._payloads(frame), self._restamped(frame))

    def _wait_for_key(self) -> None:
        self._needs_key = self.kind == "video"
        if self._needs_key:
            self.request_keyframe()

    def _payloads(self, frame: EncodedFrame) -> list[bytes]:
        if self.kind == "audio":
            return [frame.data]
        self._picture += 1
        return PICTURES[frame.codec].payloads(frame.data, self._picture)

    def _restamped(self, frame: EncodedFrame) -> int:
        if self._shift is None or frame.pts + self._shift <= self._last:
            elapsed = round((time.monotonic() - self._started) * frame.clock_rate)
            self._shift = max(elapsed, self._last + 1) - frame.pts
        self._last = frame.pts + self._shift
        return self._last

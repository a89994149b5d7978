"""Media that no browser sends: frames handed in by whoever has them."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from meetings.media.clock import wall_now
from meetings.media.errors import BadOffer
from meetings.media.events import Kind
from meetings.media.packets import EncodedFrame
from meetings.media.peer import SeatPair
from meetings.media.track import Sink, Sinks


@dataclass
class Missing:
    """Packets that the source knows to be lost or late."""

    lost: int = 0
    late: int = 0


class InjectedTrack:
    """A track whose frames are handed in with `push`, on the media loop.

    They come in real time: a frame whose `wall` is far from now is laid on the room's
    clock as one from a browser would be that arrived then. Opus, 20 ms as a rule.
    """

    def __init__(self, source: str = "microphone", kind: Kind = "audio") -> None:
        self.kind = kind
        self.codec = "opus" if kind == "audio" else "vp8"
        self.source = source
        self.buffer = Missing()
        self.frames = 0
        self.last_frame_at = 0.0
        self.last_packet_at = 0.0
        self._sinks = Sinks(source)

    def push(self, frame: EncodedFrame) -> None:
        """Hand on one frame."""
        self.frames += 1
        self.last_frame_at = self.last_packet_at = wall_now()
        self._sinks.hand(frame)

    def subscribe(self, sink: Sink) -> Callable[[], None]:
        """Hand every frame from now on to `sink`; call the result to stop."""
        return self._sinks.add(sink)

    def stuck_for(self, now: float) -> float:
        """Never: its frames are whole."""
        return 0.0

    def request_keyframe(self) -> None:
        """Nobody can be asked: the next one comes when it comes."""

    def thaw(self, now: float) -> None:
        """As `request_keyframe`."""

    def rest(self, now: float) -> None:
        """Nothing waits for what does not come."""

    def mute(self) -> None:
        """Hand no more frames to anybody."""
        self._sinks.clear()

    async def close(self) -> None:
        self.mute()


class Injection:
    """Stands where a browser's connection is: it sends, and takes no seat."""

    def __init__(self, tracks: Iterable[InjectedTrack]) -> None:
        self.receives = False
        self.seats: Sequence[SeatPair] = ()
        self.tracks: Mapping[str, InjectedTrack] = {t.source: t for t in tracks}

    @property
    def round_trip(self) -> float | None:
        """Nobody hears the others there."""
        return None

    async def answer(
        self, offer_sdp: str, sources: Mapping[str, str] | None = None
    ) -> str:
        raise BadOffer("this participant is no browser")

    async def close(self) -> None:
        for track in self.tracks.values():
            await track.close()

import asyncio
from collections.abc import Callable, Mapping, Sequence
from typing import Literal, Protocol

from meetings.media.clock import wall_now
from meetings.media.events import SHARED, Kind, Seat
from meetings.media.peer import SeatPair
from meetings.media.seating import Seating
from meetings.media.track import MediaTrack


class Recorder(Protocol):
    """Writes one track of a person."""

    def tick(self, wall: float) -> None: ...

    async def close(self) -> None: ...


State = Literal["joining", "live", "interrupted", "left"]

CAMERA_OFF = 1.5  # s without a frame until a camera counts as off
SCREEN_SLOWNESS = 5  # times as long as of a camera may a picture be on its way


class Connection(Protocol):
    """What brings a person's media in, and carries the others' to them.

    `receives`: whether it does the latter at all.
    """

    receives: bool

    @property
    def round_trip(self) -> float | None: ...  # s

    @property
    def tracks(self) -> Mapping[str, MediaTrack]: ...  # by source

    @property
    def seats(self) -> Sequence[SeatPair]: ...

    async def answer(
        self, offer_sdp: str, sources: Mapping[str, str] | None = None
    ) -> str: ...

    async def close(self) -> None: ...


class Member:
    """One person on one connection; a re-join makes a new one with the same id."""

    def __init__(
        self,
        id: str,
        label: str,
        recorded: bool,
        session_id: str,
        peer: Connection,
        video: bool = False,
    ) -> None:
        self.id = id
        self.label = label
        self.recorded = recorded
        self.video = video  # and agreed to pictures, too
        self.session_id = session_id
        self.peer = peer
        self.state: State = "joining"
        self.joined_at = wall_now()
        self.left_because = ""
        self.lost_at: float | None = None  # the connection failed or was closed
        self.published: set[str] = set()  # sources
        self.sharing = False  # theirs is the screen of the room
        self.recorders: dict[str, Recorder] = {}  # by source
        self.seats: dict[str, Seat] = {}
        self.seating = Seating()

    def track(self, kind: Kind) -> MediaTrack | None:
        """What others get: the microphone, and the camera while it is on."""
        if kind == "audio":
            return self.peer.tracks.get("microphone")
        return self.peer.tracks.get("camera") if "camera" in self.published else None

    def silent_for(self, now: float) -> float:
        """Seconds since the last RTP packet; 0 for somebody who only listens."""
        if self.lost_at is None and self.track("audio") is None:
            return 0.0
        arrivals = [track.last_packet_at for track in self.peer.tracks.values()]
        return now - max([self.joined_at, self.lost_at or 0.0, *arrivals])

    def live_sources(self, now: float) -> set[str]:
        """Sources that send; a microphone stays one through an interruption, and a
        screen on which nothing moves."""
        return {
            source
            for source, track in self.peer.tracks.items()
            if track.frames
            and (source != "camera" or now - track.last_frame_at < CAMERA_OFF)
        }

    def thaw_frozen(self, now: float, patience: float) -> None:
        """Restart pictures that stand still although packets arrive; seconds.

        One picture of a screen may take seconds to arrive.
        """
        for track in self.peer.tracks.values():
            if track.kind != "video":
                continue
            limit = patience * SCREEN_SLOWNESS if track.source == "screen" else patience
            if now - track.last_packet_at >= patience:
                track.rest(now)
            elif track.stuck_for(now) > limit:
                track.thaw(now)

    def is_kept(self, track: MediaTrack) -> bool:
        """Whether it is to be written: never more than they agreed to."""
        if track.source in SHARED and not self.sharing:
            return False
        return self.recorded and (track.kind == "audio" or self.video)

    def start_recording(
        self, recorder_for: Callable[["Member", MediaTrack], "Recorder"]
    ) -> None:
        for source, track in self.peer.tracks.items():
            if source not in self.recorders and self.is_kept(track):
                self.recorders[source] = recorder_for(self, track)

    async def stop_recording(self, everything: bool = True) -> None:
        """Close all files, or those of what is not to be kept any more."""
        tracks = self.peer.tracks
        over = [s for s in self.recorders if everything or not self.is_kept(tracks[s])]
        closing = [self.recorders.pop(source) for source in over]
        await asyncio.gather(*(recorder.close() for recorder in closing))

    async def disconnect(self) -> None:
        """Finish the files and close the connection."""
        self.state = "left"
        for track in self.peer.tracks.values():
            track.mute()
        await self.stop_recording()
        await self.peer.close()


class Screen:
    """What a person shares, to be seated beside them."""

    def __init__(self, person: Member) -> None:
        self.id = person.id
        self._tracks = person.peer.tracks

    def track(self, kind: Kind) -> MediaTrack | None:
        """The picture, and the sound of the tab or system; None before it arrives."""
        track = self._tracks.get("tab" if kind == "audio" else "screen")
        return track if track and track.frames else None

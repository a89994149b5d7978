import asyncio
from collections.abc import Callable
from typing import Literal

from meetings.media.clock import wall_now
from meetings.media.egress.recorder import TrackRecorder
from meetings.media.events import Kind, Seat
from meetings.media.peer import PeerConnection
from meetings.media.seating import Seating
from meetings.media.track import TrackRemote

State = Literal["joining", "live", "interrupted", "left"]

CAMERA_OFF = 1.5  # s without a frame until a camera counts as off


class Member:
    """One person on one connection; a re-join makes a new one with the same id."""

    def __init__(
        self,
        id: str,
        label: str,
        recorded: bool,
        session_id: str,
        peer: PeerConnection,
    ) -> None:
        self.id = id
        self.label = label
        self.recorded = recorded
        self.session_id = session_id
        self.peer = peer
        self.state: State = "joining"
        self.joined_at = wall_now()
        self.lost_at: float | None = None  # the connection failed or was closed
        self.published: set[str] = set()  # sources
        self.recorders: dict[str, TrackRecorder] = {}  # by source
        self.seats: dict[str, Seat] = {}
        self.seating = Seating()

    def track(self, kind: Kind) -> TrackRemote | None:
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
        """Sources that send; a microphone stays one through an interruption."""
        return {
            source
            for source, track in self.peer.tracks.items()
            if track.frames
            and (track.kind == "audio" or now - track.last_frame_at < CAMERA_OFF)
        }

    def thaw_frozen(self, now: float, patience: float) -> None:
        """Restart pictures that stand still although packets arrive; seconds."""
        for track in self.peer.tracks.values():
            flows = now - track.last_packet_at < patience
            if track.kind == "video" and flows and track.stuck_for(now) > patience:
                track.thaw(now)

    def start_recording(
        self, recorder_for: Callable[["Member", TrackRemote], TrackRecorder]
    ) -> None:
        for source, track in self.peer.tracks.items():
            if track.kind == "audio" and source not in self.recorders:
                self.recorders[source] = recorder_for(self, track)

    async def stop_recording(self) -> None:
        recorders, self.recorders = self.recorders, {}
        await asyncio.gather(*(recorder.close() for recorder in recorders.values()))

    async def disconnect(self) -> None:
        """Finish the files and close the connection."""
        self.state = "left"
        for track in self.peer.tracks.values():
            track.mute()
        await self.stop_recording()
        await self.peer.close()

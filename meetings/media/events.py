"""What happens in a room, as it is told to the application on the media thread."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

Kind = Literal["audio", "video"]
SHARED = ("screen", "tab")  # sources of a shared screen: its picture, its sound
SegmentState = Literal["open", "closed", "repaired"]


@dataclass(frozen=True)
class Seat:
    """Whose sound or picture a receiving transceiver of a browser carries."""

    participant_id: str
    kind: Kind
    source: str


@dataclass(frozen=True)
class Segment:
    """One unbroken file of one person: from a (re)join to the leave or the next one.

    `offset_ms`, `duration_ms` and `gaps` (filled stretches, [start, end]) are on the
    room clock. `file` is a name inside the room's record directory.
    """

    id: str
    participant_id: str
    source: str
    kind: Kind
    codec: str
    file: str
    offset_ms: int
    state: SegmentState = "open"
    duration_ms: int = 0
    gaps: tuple[tuple[int, int], ...] = ()
    sha256: str = ""
    packets_lost: int = 0
    handed_in: bool = False  # afterwards, by the browser that had kept it
    sound_ms: int = 0  # of packets that came, without the silence between them

    @property
    def is_speech(self) -> bool:
        """Whether it is what the person says, and nothing that they share."""
        return self.kind == "audio" and self.source not in SHARED


@dataclass(frozen=True)
class RoomEvent:
    """Base of all events; `at_ms` is room time."""

    room_id: str
    participant_id: str
    at_ms: int


@dataclass(frozen=True)
class Joined(RoomEvent):
    label: str
    recorded: bool
    session_id: str


@dataclass(frozen=True)
class Left(RoomEvent):
    """`reason`: left, timeout, removed or server_stopped."""

    reason: str


@dataclass(frozen=True)
class Interrupted(RoomEvent):
    """Nothing arrived for `rtp_timeout` seconds."""


@dataclass(frozen=True)
class Resumed(RoomEvent):
    """Packets arrive again, or the person re-joined on a new connection."""


@dataclass(frozen=True)
class TrackPublished(RoomEvent):
    kind: Kind
    source: str


@dataclass(frozen=True)
class TrackUnpublished(RoomEvent):
    kind: Kind
    source: str


@dataclass(frozen=True)
class SeatsChanged(RoomEvent):
    """For the browser of `participant_id` alone: who is on which of its mids.

    `wanted` is the number of pairs of receiving transceivers it should have; when it
    has fewer it adds them and offers again.
    """

    session_id: str
    seats: Mapping[str, Seat] = field(default_factory=dict)
    wanted: int = 0


@dataclass(frozen=True)
class SharingChanged(RoomEvent):
    """`participant_id` shares their screen from now on; "": nobody does."""


@dataclass(frozen=True)
class RecordedChanged(RoomEvent):
    recorded: bool
    video: bool = False


@dataclass(frozen=True)
class MutedChanged(RoomEvent):
    """Somebody has muted themselves, as their browser says."""

    muted: bool


@dataclass(frozen=True)
class PictureSize(RoomEvent):
    """A camera or a screen that is recorded has so many pixels from now on."""

    source: str
    width: int
    height: int


@dataclass(frozen=True)
class RoundTrip(RoomEvent):
    """So many ms does it take to somebody's browser and back, by RTCP reports."""

    ms: int


@dataclass(frozen=True)
class Compared(RoomEvent):
    """One stay of a recorded person is over: ms of sound that came and that the file
    has, and that those who listen got. Both without the silence for what did not come.
    """

    written_ms: int
    heard_ms: int

    @property
    def apart(self) -> bool:
        """Whether one of them has half a per cent less, and a tenth of a second."""
        missing = abs(self.written_ms - self.heard_ms)
        return missing > max(100, max(self.written_ms, self.heard_ms) / 200)


@dataclass(frozen=True)
class SegmentOpened(RoomEvent):
    """The disk has the beginning of the file."""

    segment: Segment


@dataclass(frozen=True)
class SegmentClosed(RoomEvent):
    segment: Segment


@dataclass(frozen=True)
class SoundBegan(RoomEvent):
    """A recorded person can be heard from now on; told before the first chunk."""


@dataclass(frozen=True)
class SoundEnded(RoomEvent):
    """That sound is over: the person left or is no longer recorded.

    One per `SoundBegan`, after its last chunk. Who joins again may begin before that.
    """


@dataclass(frozen=True)
class RecordingFailed(RoomEvent):
    """Sound (or pictures, by `kind`) is being lost to the file, while captions go on:
    say so to people.

    `code`: disk_full, write_error or queue_overflow. After one of the first two the
    segment stays open (`repair_all` mends it when the room is closed) and a new one is
    tried every 10 s. Before the last one comes disk_slow: sound arrives, and for 5 s
    nothing of it was written; it waits, and is not lost yet. Told once, until the disk
    keeps up again.
    """

    code: str
    detail: str
    kind: Kind = "audio"

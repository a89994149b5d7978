"""What happens in a room, as it is told to the application on the media thread."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

Kind = Literal["audio", "video"]
SegmentState = Literal["open", "closed", "repaired"]


@dataclass(frozen=True)
class Seat:
    """Whose sound or picture a receiving transceiver of a browser carries."""

    participant_id: str
    kind: Kind


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
class RecordedChanged(RoomEvent):
    recorded: bool


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
    """Sound is being lost to the file, while captions go on: say so to people.

    `code`: disk_full, write_error or queue_overflow. After one of the first two the
    segment stays open (`repair_all` mends it when the room is closed) and a new one is
    tried every 10 s. Told once, until the disk keeps up again.
    """

    code: str
    detail: str

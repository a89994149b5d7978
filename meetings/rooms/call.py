"""One call of this process: a media room, and who is in it with name and face.

On the media loop.
"""

from dataclasses import asdict, dataclass, replace
from typing import Any

from django.utils import timezone

from meetings import taps
from meetings.media.events import (
    Interrupted,
    Joined,
    Left,
    RecordedChanged,
    RecordingFailed,
    Resumed,
    RoomEvent,
    Seat,
    SeatsChanged,
    SegmentClosed,
    SegmentOpened,
    SharingChanged,
)
from meetings.media.pcm import PCMChunk
from meetings.media.room import Answer, Room
from meetings.models import Participant
from meetings.rooms import presence, track_rows
from meetings.rooms.leases import Lease

Message = dict[str, Any]
Agreed = tuple[bool, bool]  # to be recorded; to pictures as well


@dataclass
class RosterEntry:
    """Somebody in the call, as the others see them."""

    id: int
    name: str
    initials: str
    colour: int
    side: str
    recorded: bool  # agreed to it
    video: bool = False  # and to pictures
    recording: bool = False  # a file is being written: their sound arrives
    state: str = "joining"  # then live or interrupted
    muted: bool = False
    silent: bool = False  # their browser says that the microphone sends nothing
    source: str = ""  # kind of the source that it is; empty: a person

    @classmethod
    def of(
        cls, row: Participant, source: str = "", video: bool = False
    ) -> "RosterEntry":
        words = (row.pk, row.name, row.initials, row.colour, row.side)
        return cls(*words, row.is_recorded, video, source=source)


class Call:
    """One live meeting: its media room and who is in it."""

    def __init__(self, lease: Lease, room: Room) -> None:
        self.id = lease.meeting_id
        self.lease = lease
        self.room = room
        self.people: dict[int, RosterEntry] = {}
        self.expected: dict[int, RosterEntry] = {}  # sources, which join by themselves
        self.sharing: int | None = None  # whose screen is shown
        self.heard = False  # by everybody who has a link
        room.listen(self.note)
        room.viewers.changed = self.show
        room.on_pcm(hear)

    async def join(
        self, row: Participant, sdp: str, source: str = "", video: bool = False
    ) -> Answer:
        before = self.people.get(row.pk)
        self.people[row.pk] = RosterEntry.of(row, source, video)
        try:
            answer = await self.room.join(
                str(row.pk), row.name, sdp, recorded=row.is_recorded, video=video
            )
        except Exception:
            self._put_back(row.pk, before)
            raise
        self.show()
        return answer

    def _put_back(self, participant_id: int, before: RosterEntry | None) -> None:
        if before:
            self.people[participant_id] = before
        else:
            self.people.pop(participant_id, None)

    def note(self, event: RoomEvent) -> None:
        """Hear one event of the media room, pass it to the rows and to the people."""
        if isinstance(event, SeatsChanged):
            seats = seats_message(event.session_id, event.seats, event.wanted)
            presence.tell_one(self.id, int(event.participant_id), seats)
            return
        if isinstance(event, SharingChanged):
            self.sharing = int(event.participant_id or 0) or None
            self.show()
            return
        track_rows.take(event, self.lease)
        if isinstance(event, RecordingFailed):
            presence.tell(self.id, _failure(event))
        who = int(event.participant_id or 0)
        if isinstance(event, Joined) and who in self.expected:
            self.people.setdefault(who, replace(self.expected[who]))
        if person := self.people.get(who):
            self._change(person, event)
        self.show()

    def _change(self, person: RosterEntry, event: RoomEvent) -> None:
        match event:
            case Joined() | Resumed():
                person.state = "live"
            case Interrupted():
                person.state = "interrupted"
            case Left():
                del self.people[person.id]
            case RecordedChanged(recorded=recorded, video=video):
                person.recorded, person.video = recorded, video
            case SegmentOpened(segment=segment) if segment.is_speech:
                person.recording = True
            case SegmentClosed(segment=segment) if segment.is_speech:
                person.recording = False

    def show(self) -> None:
        """Tell everybody who is here: always the whole list, so nothing gets lost."""
        presence.tell(
            self.id,
            {
                "type": "people",
                "people": [asdict(person) for person in self.people.values()],
                "players": len(self.room.viewers),
                "sharing": self.sharing,
                "heard": self.heard,
                "clock_ms": self.room.clock.at(timezone.now().timestamp()),
            },
        )


def hear(participant_id: str, chunk: PCMChunk) -> None:
    taps.audio.publish(int(participant_id), chunk)


def _failure(event: RecordingFailed) -> Message:
    participant = int(event.participant_id or 0)
    about = {"code": event.code, "kind": event.kind, "participant": participant}
    return {"type": "failed", **about}


def seats_message(session: str, seats: Any, wanted: int) -> Message:
    shown = {mid: _seat(seat) for mid, seat in seats.items()}
    return {"type": "seats", "session": session, "seats": shown, "wanted": wanted}


def _seat(seat: Seat) -> Message:
    person = int(seat.participant_id)
    return {"participant": person, "kind": seat.kind, "source": seat.source}

"""The calls of this process: media rooms with the rows' names and faces.

A ``Call`` lives on the media loop; what ``Rooms`` does may be awaited on any loop.
"""

from dataclasses import asdict, dataclass
from typing import Any

from django.utils import timezone

from meetings import taps
from meetings.media.errors import MediaError, SessionNotFound
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
)
from meetings.media.pcm import PCMChunk
from meetings.media.room import Answer, Room
from meetings.media.server import MediaServer
from meetings.models import Participant
from meetings.models.recording import folder_of
from meetings.rooms import presence, track_rows
from meetings.rooms.leases import Lease, Leases
from meetings.sockets import in_database

Message = dict[str, Any]


@dataclass
class RosterEntry:
    """Somebody in the call, as the others see them."""

    id: int
    name: str
    initials: str
    colour: int
    side: str
    recorded: bool  # agreed to it
    recording: bool = False  # a file is being written: their sound arrives
    state: str = "joining"  # then live or interrupted
    muted: bool = False

    @classmethod
    def of(cls, row: Participant) -> "RosterEntry":
        return cls(
            row.pk, row.name, row.initials, row.colour, row.side, row.is_recorded
        )


class Call:
    """One live meeting: its media room and who is in it."""

    def __init__(self, lease: Lease, room: Room) -> None:
        self.id = lease.meeting_id
        self.lease = lease
        self.room = room
        self.people: dict[int, RosterEntry] = {}
        room.listen(self.note)
        room.on_pcm(_hear)

    async def join(self, row: Participant, sdp: str) -> Answer:
        before = self.people.get(row.pk)
        self.people[row.pk] = RosterEntry.of(row)
        try:
            answer = await self.room.join(
                str(row.pk), row.name, sdp, recorded=row.is_recorded
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
        track_rows.take(event, self.lease)
        if isinstance(event, RecordingFailed):
            presence.tell(self.id, _failure(event))
        if person := self.people.get(int(event.participant_id or 0)):
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
            case RecordedChanged(recorded=recorded):
                person.recorded = recorded
            case SegmentOpened(segment=segment) if segment.kind == "audio":
                person.recording = True
            case SegmentClosed(segment=segment) if segment.kind == "audio":
                person.recording = False

    def show(self) -> None:
        """Tell everybody who is here: always the whole list, so nothing gets lost."""
        presence.tell(
            self.id,
            {
                "type": "people",
                "people": [asdict(person) for person in self.people.values()],
                "clock_ms": self.room.clock.at(timezone.now().timestamp()),
            },
        )


def _hear(participant_id: str, chunk: PCMChunk) -> None:
    taps.audio.publish(int(participant_id), chunk)


def _failure(event: RecordingFailed) -> Message:
    participant = int(event.participant_id or 0)
    return {"type": "failed", "code": event.code, "participant": participant}


def seats_message(session: str, seats: Any, wanted: int) -> Message:
    shown = {mid: _seat(seat) for mid, seat in seats.items()}
    return {"type": "seats", "session": session, "seats": shown, "wanted": wanted}


def _seat(seat: Seat) -> Message:
    return {"participant": int(seat.participant_id), "kind": seat.kind}


class Rooms:
    """The calls of this process, each under its lease."""

    def __init__(self, server: MediaServer, leases: Leases) -> None:
        self.leases = leases
        self._server = server
        self._calls: dict[int, Call] = {}  # touched on the media loop only

    async def join(self, row: Participant, sdp: str) -> Message:
        """Bring a browser into the call; returns the answer to send.

        Raises MediaError: HeldElsewhere where another process holds the room.
        """
        meeting = row.meeting
        if meeting.started_at is None:
            raise ValueError(f"meeting {meeting.code} has not started")
        lease = await in_database(self.leases.take)(meeting.pk)
        room = await self._server.open_room(
            str(meeting.pk), folder_of(meeting), meeting.started_at.timestamp()
        )
        answer = await self._server.loop.call(self._join(lease, room, row, sdp))
        return _answer(answer)

    async def _join(
        self, lease: Lease, room: Room, row: Participant, sdp: str
    ) -> Answer:
        call = self._calls.get(lease.meeting_id)
        if call is None or call.room is not room:
            call = self._calls[lease.meeting_id] = Call(lease, room)
        return await call.join(row, sdp)

    async def offer(self, meeting_id: int, session_id: str, sdp: str) -> Message:
        """Answer a further offer on a live connection. Raises MediaError."""
        room = self._server.room(str(meeting_id))
        if room is None:
            raise SessionNotFound(session_id)
        return _answer(await self._server.loop.call(room.renegotiate(session_id, sdp)))

    async def leave(self, meeting_id: int, session_id: str) -> None:
        """Hang up one connection; one that is gone is no error."""
        if room := self._server.room(str(meeting_id)):
            await self._server.loop.call(room.leave(session_id))

    async def remove(self, meeting_id: int, participant_id: int) -> None:
        """Put somebody out who has lost the right to be here."""
        if room := self._server.room(str(meeting_id)):
            await self._server.loop.call(room.remove(str(participant_id)))

    async def set_muted(
        self, meeting_id: int, participant_id: int, muted: bool
    ) -> None:
        """Show the others that somebody has muted themselves."""
        await self._server.loop.call(self._set_muted(meeting_id, participant_id, muted))

    async def _set_muted(
        self, meeting_id: int, participant_id: int, muted: bool
    ) -> None:
        call = self._calls.get(meeting_id)
        if call and (person := call.people.get(participant_id)):
            person.muted = muted
            call.show()

    async def look(self, meeting_id: int) -> None:
        """Do what the rows say: who is in the call, and who of them is recorded."""
        people = await self._server.loop.call(self._people(meeting_id))
        rows = await in_database(_rows)(list(people))
        room = self._server.room(str(meeting_id))
        for participant_id, recorded in people.items():
            row, name = rows.get(participant_id), str(participant_id)
            if room is None:
                return
            if row is None or row.removed_at:
                await self._server.loop.call(room.remove(name))
            elif row.is_recorded != recorded:
                await self._server.loop.call(room.set_recorded(name, row.is_recorded))

    async def _people(self, meeting_id: int) -> dict[int, bool]:
        call = self._calls.get(meeting_id)
        return {p.id: p.recorded for p in call.people.values()} if call else {}

    async def close(self, meeting_id: int) -> None:
        """Everybody out, all files closed; no call here: nothing to do."""
        await self._server.close_room(str(meeting_id))
        await self._server.loop.call(self._forget(meeting_id))

    async def _forget(self, meeting_id: int) -> None:
        self._calls.pop(meeting_id, None)

    def head_counts(self) -> dict[int, int]:
        """Meeting id -> people, of every call of this process."""
        return {key: len(call.people) for key, call in list(self._calls.items())}


def _rows(ids: list[int]) -> dict[int, Participant]:
    return Participant.objects.in_bulk(ids)


_here: Rooms | None = None


def serve(rooms: Rooms | None) -> None:
    """The rooms of this process from now on; None: none any more."""
    global _here
    _here = rooms


def here() -> Rooms | None:
    """The rooms of this process; None where it holds no calls."""
    return _here


def lease_of(meeting_id: int) -> Lease | None:
    """Under which this process holds the room; None where it does not."""
    return _here.leases.lease(meeting_id) if _here else None


def open_here() -> Rooms:
    """The rooms of this process. Raises MediaError where it holds no calls."""
    if _here is None:
        raise MediaError("no_calls", 503, "no calls are held here")
    return _here


def _answer(answer: Answer) -> Message:
    message = seats_message(answer.session_id, answer.seats, answer.wanted)
    return {**message, "type": "answer", "sdp": answer.sdp}

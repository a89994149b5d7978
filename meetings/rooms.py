"""The calls of this web process: media rooms with the rows' names and faces.

A ``Call`` lives on the media loop; the functions below may be awaited on any loop.
"""

from dataclasses import asdict, dataclass
from typing import Any

from django.utils import timezone

from meetings import presence, taps, tracks
from meetings.media.errors import SessionNotFound
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
from meetings.models import Meeting, Participant
from meetings.models.recording import folder_of

Message = dict[str, Any]


@dataclass
class Person:
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
    def of(cls, row: Participant) -> "Person":
        return cls(
            row.pk, row.name, row.initials, row.colour, row.side, row.is_recorded
        )


class Call:
    """One live meeting: its media room and who is in it."""

    def __init__(self, meeting_id: int, room: Room) -> None:
        self.id = meeting_id
        self.room = room
        self.people: dict[int, Person] = {}
        room.listen(self.note)
        room.on_pcm(_hear)

    async def join(self, row: Participant, sdp: str) -> Answer:
        before = self.people.get(row.pk)
        self.people[row.pk] = Person.of(row)
        try:
            answer = await self.room.join(
                str(row.pk), row.name, sdp, recorded=row.is_recorded
            )
        except Exception:
            self._put_back(row.pk, before)
            raise
        self.show()
        return answer

    def _put_back(self, participant_id: int, before: Person | None) -> None:
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
        tracks.entries.put(event)
        if isinstance(event, RecordingFailed):
            presence.tell(self.id, _failure(event))
        if person := self.people.get(int(event.participant_id or 0)):
            self._change(person, event)
        self.show()

    def _change(self, person: Person, event: RoomEvent) -> None:
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


_server: MediaServer | None = None
_calls: dict[int, Call] = {}  # touched on the media loop only


def serve(server: MediaServer | None) -> None:
    """Let calls happen on ``server``; None: not any more."""
    global _server
    _server = server
    _calls.clear()


def media() -> MediaServer:
    if _server is None:
        raise RuntimeError("calls run in the web process, after meetings.live.start()")
    return _server


async def join(row: Participant, sdp: str) -> Message:
    """Bring a browser into the call; returns the answer to send. Raises MediaError."""
    server, meeting = media(), row.meeting
    if meeting.started_at is None:
        raise ValueError(f"meeting {meeting.code} has not started")
    room = await server.open_room(
        str(meeting.pk), folder_of(meeting), meeting.started_at.timestamp()
    )
    answer = await server.loop.call(_join(meeting, room, row, sdp))
    return _answer(answer)


async def _join(meeting: Meeting, room: Room, row: Participant, sdp: str) -> Answer:
    call = _calls.get(meeting.pk)
    if call is None or call.room is not room:
        call = _calls[meeting.pk] = Call(meeting.pk, room)
    return await call.join(row, sdp)


def _answer(answer: Answer) -> Message:
    message = seats_message(answer.session_id, answer.seats, answer.wanted)
    return {**message, "type": "answer", "sdp": answer.sdp}


async def offer(meeting_id: int, session_id: str, sdp: str) -> Message:
    """Answer a further offer on a live connection. Raises MediaError."""
    room = media().room(str(meeting_id))
    if room is None:
        raise SessionNotFound(session_id)
    return _answer(await media().loop.call(room.renegotiate(session_id, sdp)))


async def leave(meeting_id: int, session_id: str) -> None:
    if room := media().room(str(meeting_id)):
        await media().loop.call(room.leave(session_id))


async def remove(meeting_id: int, participant_id: int) -> None:
    """Put somebody out who has lost the right to be here."""
    if _server and (room := _server.room(str(meeting_id))):
        await _server.loop.call(room.remove(str(participant_id)))


async def set_recorded(meeting_id: int, participant_id: int, recorded: bool) -> None:
    """Start or stop writing a person down, at once; no call here: nothing to do."""
    if _server and (room := _server.room(str(meeting_id))):
        await _server.loop.call(room.set_recorded(str(participant_id), recorded))


async def set_muted(meeting_id: int, participant_id: int, muted: bool) -> None:
    await media().loop.call(_set_muted(meeting_id, participant_id, muted))


async def _set_muted(meeting_id: int, participant_id: int, muted: bool) -> None:
    call = _calls.get(meeting_id)
    if call and (person := call.people.get(participant_id)):
        person.muted = muted
        call.show()


async def close(meeting_id: int) -> None:
    """Everybody out, all files closed; no call here: nothing to do."""
    if _server:
        await _server.close_room(str(meeting_id))
        await _server.loop.call(_forget(meeting_id))


async def _forget(meeting_id: int) -> None:
    _calls.pop(meeting_id, None)


def head_counts() -> dict[int, int]:
    """Meeting id -> people, of every call of this process."""
    return {key: len(call.people) for key, call in list(_calls.items())}

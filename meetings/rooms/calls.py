"""The calls of this process: media rooms with the rows' names and faces.

A ``Call`` lives on the media loop; what ``Rooms`` does may be awaited on any loop.
"""

from collections.abc import Callable
from contextlib import suppress

from meetings.media.errors import MediaError, SessionNotFound
from meetings.media.room import Answer, Room
from meetings.media.server import MediaServer
from meetings.models import Participant
from meetings.models.recording import folder_of
from meetings.rooms import elsewhere
from meetings.rooms.call import Agreed, Call, Message, RosterEntry, seats_message
from meetings.rooms.leases import Lease, Leases
from meetings.sockets import in_database


class Rooms:
    """The calls of this process, each under its lease."""

    def __init__(self, server: MediaServer, leases: Leases) -> None:
        self.leases = leases
        self._server = server
        self._calls: dict[int, Call] = {}  # touched on the media loop only
        # Called with a meeting's id when it ends, while its room is still open.
        self.before_close: Callable[[int], None] = lambda meeting_id: None

    async def join(self, row: Participant, sdp: str, source: str = "") -> Message:
        """Bring a browser into the call; returns the answer to send.

        ``source``: its kind, where a program publishes. Raises MediaError:
        HeldElsewhere where another process holds the room.
        """
        lease, room = await self._open(row)
        video = await in_database(_video)(row)
        joining = self._join(lease, room, row, sdp, source, video)
        return _answer(await self._server.loop.call(joining))

    async def expect(self, row: Participant, source: str) -> Room:
        """Open the room for a source that joins it by itself. Raises MediaError."""
        lease, room = await self._open(row)
        entry = RosterEntry.of(row, source)
        await self._server.loop.call(self._expect(lease, room, entry))
        return room

    async def _open(self, row: Participant) -> tuple[Lease, Room]:
        meeting = row.meeting
        if meeting.started_at is None:
            raise ValueError(f"meeting {meeting.code} has not started")
        lease = await in_database(self._take)(meeting.pk)
        room = await self._server.open_room(
            str(meeting.pk), folder_of(meeting), meeting.started_at.timestamp()
        )
        return lease, room

    def _take(self, meeting_id: int) -> Lease:
        if lease := self.leases.lease(meeting_id):
            return lease
        lease = self.leases.take(meeting_id)
        elsewhere.tell(meeting_id, self.leases.node)
        return lease

    def _call(self, lease: Lease, room: Room) -> Call:
        call = self._calls.get(lease.meeting_id)
        if call is None or call.room is not room:
            call = self._calls[lease.meeting_id] = Call(lease, room)
        return call

    async def _join(
        self,
        lease: Lease,
        room: Room,
        row: Participant,
        sdp: str,
        source: str,
        video: bool,
    ) -> Answer:
        return await self._call(lease, room).join(row, sdp, source, video)

    async def _expect(self, lease: Lease, room: Room, entry: RosterEntry) -> None:
        self._call(lease, room).expected[entry.id] = entry

    async def offer(
        self, meeting_id: int, session_id: str, sdp: str, sources: dict[str, str]
    ) -> Message:
        """Answer a further offer on a live connection. Raises MediaError."""
        room = self._server.room(str(meeting_id))
        if room is None:
            raise SessionNotFound(session_id)
        answering = room.renegotiate(session_id, sdp, sources)
        return _answer(await self._server.loop.call(answering))

    async def share(
        self, meeting_id: int, participant_id: int, instead_of: int
    ) -> Message:
        """Show somebody's screen, unless another's is shown whom they did not ask to
        take over from; says whose it is then. Who is not in the call gets nothing."""
        holder = ""
        if room := self._server.room(str(meeting_id)):
            sharing = room.share(str(participant_id), str(instead_of))
            with suppress(SessionNotFound):
                holder = await self._server.loop.call(sharing)
        return {"type": "sharing", "participant": int(holder or 0) or None}

    async def unshare(self, meeting_id: int, participant_id: int) -> None:
        """Show somebody's screen no more; one that is not shown is no error."""
        if room := self._server.room(str(meeting_id)):
            await self._server.loop.call(room.unshare(str(participant_id)))

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
        await self._mark(meeting_id, participant_id, "muted", muted)

    async def set_silent(
        self, meeting_id: int, participant_id: int, silent: bool
    ) -> None:
        """Show the others that somebody's microphone sends nothing."""
        await self._mark(meeting_id, participant_id, "silent", silent)

    async def _mark(self, meeting_id: int, who: int, name: str, value: bool) -> None:
        marking = self._mark_there(meeting_id, who, name, value)
        await self._server.loop.call(marking)

    async def _mark_there(
        self, meeting_id: int, who: int, name: str, value: bool
    ) -> None:
        call = self._calls.get(meeting_id)
        if call and (person := call.people.get(who)):
            setattr(person, name, value)
            if name == "muted":
                call.room.note_muted(str(who), value)
            call.show()

    async def set_heard(self, meeting_id: int, heard: bool) -> None:
        """Tell the people of a call whether it can be heard by link."""
        await self._server.loop.call(self._set_heard(meeting_id, heard))

    async def _set_heard(self, meeting_id: int, heard: bool) -> None:
        call = self._calls.get(meeting_id)
        if call and call.heard != heard:
            call.heard = heard
            call.show()

    async def look(self, meeting_id: int) -> None:
        """Do what the rows say: who is in the call, and who of them is recorded."""
        people = await self._server.loop.call(self._people(meeting_id))
        rows = await in_database(_rows)(list(people))
        room = self._server.room(str(meeting_id))
        for participant_id, agreed in people.items():
            wanted, name = rows.get(participant_id), str(participant_id)
            if room is None:
                return
            if wanted is None:
                await self._server.loop.call(room.remove(name))
            elif wanted != agreed:
                await self._server.loop.call(room.set_recorded(name, *wanted))

    async def _people(self, meeting_id: int) -> dict[int, Agreed]:
        call = self._calls.get(meeting_id)
        people = call.people.values() if call else ()
        return {p.id: (p.recorded, p.video) for p in people}

    async def close(self, meeting_id: int) -> None:
        """Everybody out, all files closed; no call here: nothing to do."""
        await self._server.close_room(str(meeting_id))
        await self._server.loop.call(self._forget(meeting_id))

    async def _forget(self, meeting_id: int) -> None:
        self._calls.pop(meeting_id, None)

    def sources(self, meeting_id: int) -> list[int]:
        """Participants of the call that are sources."""
        call = self._calls.get(meeting_id)
        people = list(call.people.values()) if call else []
        return [person.id for person in people if person.source]

    def head_counts(self) -> dict[int, int]:
        """Meeting id -> people, of every call of this process."""
        return {key: len(call.people) for key, call in list(self._calls.items())}


def _rows(ids: list[int]) -> dict[int, Agreed]:
    """What people agreed to; who was put out is not among them."""
    rows = Participant.objects.select_related("meeting").filter(removed_at=None)
    return {
        row.pk: (row.is_recorded, row.video_is_recorded)
        for row in rows.filter(pk__in=ids)
    }


def _video(row: Participant) -> bool:
    return row.video_is_recorded


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

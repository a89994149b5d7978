"""Who publishes into a call by WHIP, and who plays one by WHEP.

A source's token opens its place in the call; the token of a guest link plays the call,
as long as the link would let somebody stay in it.
"""

import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from asgiref.sync import async_to_sync

from meetings import access
from meetings.limits import Bucket
from meetings.media.errors import Forbidden, MediaError, SessionNotFound, Unauthorized
from meetings.media.events import (
    Interrupted,
    Left,
    Resumed,
    RoomEvent,
    TrackPublished,
)
from meetings.media.ingress.whip import Door, Player, WHEPHandler, WHIPHandler
from meetings.media.room import Room
from meetings.media.server import MediaServer
from meetings.models import GuestLink, Outlet, Source
from meetings.rooms.calls import Rooms
from meetings.services import MeetingOver, start_meeting
from meetings.sockets import in_database
from meetings.sources import outlets
from meetings.sources.services import OVER, STOPPED, by_token, why_not
from meetings.sources.states import StateWriter

State = Source.State
RATE, BURST = 1.0, 20  # sessions that an address may ask for, a second
ADDRESSES = 4096  # of which we know how much they ask
SILENT = "Nothing arrives any more."
LEFT = {
    "left": (State.COMPLETE, ""),
    "timeout": (State.ERROR, "Nothing arrived: check network and firewall (UDP)."),
    "not_connected": (State.ERROR, "The connection was not made."),
    "server_stopped": (State.INACTIVE, ""),
    "removed": (State.INACTIVE, ""),
}


Key = GuestLink | Outlet  # by which somebody plays


class NothingThere(MediaError):
    """Nothing is at this address."""

    def __init__(self) -> None:
        super().__init__("not_found", 404, "nothing is at this address")


class Streams:
    """The WHIP and WHEP sessions of the rooms of this process."""

    def __init__(self, server: MediaServer, rooms: Rooms, states: StateWriter) -> None:
        self._server = server
        self._rooms = rooms
        self._states = states
        self._followed: dict[int, Callable[[], None]] = {}  # person -> stop listening
        self._players: dict[str, tuple[int, str]] = {}  # session -> meeting, key
        self._buckets: OrderedDict[str, Bucket] = OrderedDict()
        self.whip = WHIPHandler(server, self._publisher)
        self.whep = WHEPHandler(server, self._player)

    def may_ask(self, address: str) -> bool:
        """Whether a client of this address may ask for one more session now."""
        bucket = self._buckets.pop(address, None) or Bucket(RATE, BURST)
        self._buckets[address] = bucket  # the newest stands last
        if len(self._buckets) > ADDRESSES:
            self._buckets.popitem(last=False)
        return bucket.take(time.monotonic())

    # -- in

    async def _publisher(self, token: str, path: str) -> Door:
        code, rest = _parts(path)
        if rest:
            raise NothingThere
        source = await in_database(by_token)(code, token)
        if source is None:
            raise Unauthorized
        if why := why_not(source):
            raise Forbidden(why)
        return SourceDoor(self, source)

    async def publish(self, source: Source, offer: str) -> tuple[str, str]:
        """Session id and answer of a program that publishes. Raises MediaError."""
        person = source.participant
        try:
            await in_database(start_meeting)(person.meeting)
        except MeetingOver:
            raise Forbidden(OVER) from None
        answer = await self._rooms.join(person, offer, source.kind)
        session = str(answer["session"])
        if (room := self.room(source.meeting_id)) is None:
            raise SessionNotFound(session)
        await self._server.loop.call(self._follow(room, person.pk))
        if not await in_database(_still_usable)(source.pk):  # taken away meanwhile
            await self._rooms.remove(source.meeting_id, person.pk)
            raise Forbidden(STOPPED)
        return session, str(answer["sdp"])

    def room(self, meeting_id: int) -> Room | None:
        """The open room of a meeting."""
        return self._server.room(str(meeting_id))

    async def _follow(self, room: Room, person: int) -> None:
        """Have the row say how the source is, until it is gone."""
        self._states.tell(person, State.BUFFERING)
        if person not in self._followed:
            self._followed[person] = room.listen(partial(self._hear, person))

    def _hear(self, person: int, event: RoomEvent) -> None:
        if event.participant_id != str(person):
            return
        match event:
            case TrackPublished(kind="audio") | Resumed():
                self._states.tell(person, State.PUBLISHING)
            case Interrupted():
                self._states.tell(person, State.BUFFERING, SILENT)
            case Left(reason=reason):
                self._followed.pop(person)()
                self._states.tell(person, *LEFT.get(reason, (State.INACTIVE, "")))

    # -- out

    async def _player(self, token: str, path: str) -> Door:
        code, rest = _parts(path)
        key = await in_database(_key_from)(token)
        if key is None or key.meeting.code != code:
            raise Unauthorized
        if isinstance(key, GuestLink) and key.meeting.waiting_room:
            raise Forbidden("guests of this call wait until the host lets them in")
        whom = rest if rest.isascii() and rest.isdecimal() else None
        if rest and whom is None:
            raise NothingThere
        player = Player(self._server, str(key.meeting_id), whom)
        return PlayerDoor(self, player, key)

    def note_player(self, session: str, key: Key) -> None:
        """Remember by which link or address somebody plays."""
        self._players[session] = (key.meeting_id, str(key.pk))

    def look(self, meeting_id: int) -> None:
        """Put out who plays by what was taken back, and note how many play by each
        address. From a thread."""
        self._forget_ended(meeting_id)
        mine = {
            s: key for s, (of, key) in list(self._players.items()) if of == meeting_id
        }
        rows = Outlet.objects.filter(meeting=meeting_id).select_related("meeting")
        good = {str(outlet.pk) for outlet in rows if outlet.is_usable}
        if mine:
            good |= _good_links(set(mine.values()))
        room = self.room(meeting_id)
        for session in [session for session, key in mine.items() if key not in good]:
            self._players.pop(session, None)
            mine.pop(session)
            if room is not None:
                async_to_sync(self._server.loop.call)(room.viewers.leave(session))
        for outlet in rows:
            playing = sum(key == str(outlet.pk) for key in mine.values())
            if outlet.playing != playing:
                Outlet.objects.filter(pk=outlet.pk).update(playing=playing)

    def _forget_ended(self, meeting_id: int) -> None:
        room = self.room(meeting_id)
        for session, (of, _) in list(self._players.items()):
            if of == meeting_id and (not room or room.viewers.find(session) is None):
                self._players.pop(session, None)


@dataclass(frozen=True)
class SourceDoor:
    """The place of a source in its call."""

    streams: Streams
    source: Source

    async def join(self, offer: str) -> tuple[str, str]:
        """Publish."""
        return await self.streams.publish(self.source, offer)

    def room(self) -> Room | None:
        return self.streams.room(self.source.meeting_id)


@dataclass(frozen=True)
class PlayerDoor:
    """Somebody who plays a call by a guest link or a playback address."""

    streams: Streams
    player: Player
    key: Key

    async def join(self, offer: str) -> tuple[str, str]:
        """Play."""
        session, sdp = await self.player.join(offer)
        self.streams.note_player(session, self.key)
        return session, sdp

    def room(self) -> Room | None:
        return self.player.room()


def _parts(path: str) -> tuple[str, str]:
    """Code and what follows, of /whip/CODE/ and /whep/CODE/REST/."""
    words = path.strip("/").split("/")[1:]
    if not 1 <= len(words) <= 2:
        raise NothingThere
    return words[0], "".join(words[1:])


def _key_from(token: str) -> Key | None:
    """What ``token`` was made for, if it may be used."""
    return access.link_from(token) or outlets.from_token(token)


def _good_links(keys: set[str]) -> set[str]:
    rows = GuestLink.objects.filter(pk__in=keys).select_related("meeting")
    return {str(link.pk) for link in rows if access.still_good(link)}


def _still_usable(source_id: int) -> bool:
    rows = Source.objects.select_related("meeting", "participant")
    row = rows.filter(pk=source_id).first()
    return row is not None and row.is_usable


_here: Streams | None = None


def serve(streams: Streams | None) -> None:
    """The streams of this process from now on; None: none any more."""
    global _here
    _here = streams


def here() -> Streams | None:
    """The streams of this process; None where it holds no calls."""
    return _here

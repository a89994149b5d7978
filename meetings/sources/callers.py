"""Encoders that call this process by SRT, on the one port that a site has for it.

The process that holds the port takes callers of calls that it holds, or that nobody
holds; the others are sent away with a reason. Where two processes hold calls on one
machine only one has the port, and the other takes it when that one is gone.
"""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

import structlog
from django.db import Error as DatabaseError
from django.db import connections
from redis.exceptions import RedisError

from meetings.media.errors import Forbidden, MediaError, SRTMissing
from meetings.media.ingress.srt_listener import (
    Grant,
    Reject,
    SRTListener,
    SRTSession,
    everywhere,
)
from meetings.media.loop import MediaLoop
from meetings.media.room import Room
from meetings.models import Source
from meetings.rooms.calls import Rooms
from meetings.rooms.leases import Fenced, holder_of
from meetings.services import MeetingOver, start_meeting
from meetings.sockets import in_database
from meetings.sources import srt_address
from meetings.sources.running import Sources
from meetings.sources.services import OVER, why_not

log = structlog.get_logger(__name__)

PATIENCE = 0.5  # s that libsrt's thread, which all callers share, waits for us
ELSEWHERE = "Its call is held by another server than the one that it called."
BUSY = "another program has the port, or another process that holds calls"


class Callers:
    """The port, while this process has it, and who has come in by it."""

    def __init__(
        self, port: int | None, rooms: Rooms, loop: MediaLoop, sources: Sources
    ) -> None:
        """``port``: None for a site that takes no callers."""
        self._port = port
        self._rooms = rooms
        self._loop = loop
        self._sources = sources
        self._listener: SRTListener | None = None
        self._meetings: dict[str, int] = {}  # of who is on the way in, by person
        self._threads = ThreadPoolExecutor(4, thread_name_prefix="srt-callers")
        self._said = ""  # why there is no port, as the log has it already

    def start(self) -> None:
        """Take callers; where the port is not to be had, try again by calling again."""
        if self._port is None or self._listener is not None:
            return
        # As other media: proxies do not hand on UDP.
        listener = SRTListener(everywhere(), self._port, self.authorize, self._carry)
        try:
            self._loop.submit(listener.start()).result()
        except MediaError as error:
            missing = isinstance(error, SRTMissing)
            self._say(error.detail if missing else BUSY)
            return
        self._listener, self._said = listener, ""
        log.info("encoders may call by SRT", port=self._port)

    def stop(self) -> None:
        """The port is free again, and who came in by it is out."""
        listener, self._listener = self._listener, None
        self._port = None
        if listener is not None:
            self._loop.submit(listener.stop()).result()
        self._threads.shutdown(wait=False, cancel_futures=True)

    def _say(self, why: str) -> None:
        if why != self._said:
            log.warning("nobody can call here by SRT", port=self._port, why=why)
        self._said = why

    def authorize(self, stream_id: str) -> Grant | Reject:
        """Whom a caller becomes. On a thread of libsrt, which waits PATIENCE."""
        try:
            named = srt_address.source_in(stream_id)
        except ValueError:
            return Reject.BAD_REQUEST
        if named is None:
            return Reject.UNAUTHORIZED
        looking = self._threads.submit(_with_database, self._look_up, *named)
        try:
            found = looking.result(PATIENCE)
        except (TimeoutError, DatabaseError, RedisError) as error:
            log.warning("an encoder is to call again", why=repr(error))
            return Reject.OVERLOAD
        return found if isinstance(found, Reject) else self._grant(found)

    def _look_up(self, code: str, source_id: int) -> Source | Reject:
        rows = Source.objects.select_related("meeting", "participant__meeting")
        found = rows.filter(pk=source_id, meeting__code=code, kind=Source.Kind.SRT)
        source = found.filter(url="").first()
        if source is None:
            return Reject.NOT_FOUND
        if why := why_not(source):
            log.info("an encoder is sent away", source=source.pk, why=why)
            return Reject.FORBIDDEN
        if holder_of(source.meeting_id) not in (None, self._rooms.leases.node):
            self._sources.refuse(source.participant_id, ELSEWHERE)
            return Reject.ELSEWHERE
        return source

    def _grant(self, source: Source) -> Grant:
        person = source.participant
        return Grant(
            room=partial(self._room, source),
            participant_id=str(person.pk),
            label=source.name,
            passphrase=srt_address.passphrase_of(source.pk),
            recorded=person.is_recorded,
        )

    async def _room(self, source: Source) -> Room:
        """Where it goes; on the media loop. Raises MediaError, as others do."""
        person = source.participant
        try:
            await in_database(start_meeting)(person.meeting)
            room = await self._rooms.expect(person, source.kind)
        except MeetingOver:
            raise Forbidden(OVER) from None
        except (DatabaseError, Fenced, RedisError) as error:
            raise MediaError("away", 503, str(error)) from error
        self._meetings[str(person.pk)] = source.meeting_id
        return room

    def _carry(self, session: SRTSession) -> None:
        """It has come in: from now on the rows say whether it stays."""
        meeting_id = self._meetings.pop(session.id)
        self._sources.carry(meeting_id, int(session.id), session)
        # it may have been stopped while it was on the way in
        self._threads.submit(_with_database, self._sources.look, meeting_id)


def _with_database(function: Callable[..., Any], *words: Any) -> Any:
    try:
        return function(*words)
    finally:
        connections.close_all()  # or back to the pool

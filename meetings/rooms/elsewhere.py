"""Whose room is held by another process is answered by that one, wherever they came to.

Who comes before anybody holds the room is told to come again when another process has
taken it. A holder that is dead or frozen answers nobody: until its lease ends, people
are told to come again, and lines of the call are shown as far as they are rows.
"""

import json
import re
from typing import Any

import structlog
from django.db import Error as DatabaseError
from redis.exceptions import RedisError

from meetings import sockets
from meetings.models import Meeting
from meetings.rooms.leases import Leases, process_of
from meetings.rooms.relay import Relay, channel_of
from meetings.sockets import in_database
from meetings.valkey import client, key

log = structlog.get_logger(__name__)

CHANNEL = key("held")
# What the holder alone can answer, and the code of the meeting.
PLACES = re.compile(r"/(?:ws/room|ws/captions|whip|whep)/([^/]+)/")


class Others:
    """The rooms that other processes hold, as this one sees them."""

    def __init__(self, leases: Leases, relay: Relay) -> None:
        self._leases = leases
        self.relay = relay

    def find(self, code: str) -> tuple[int, str] | None:
        """Id of the meeting, and the channel of the other process that holds its room.

        Raises DatabaseError, RedisError.
        """
        rows = Meeting.objects.filter(code=code)
        meeting_id = rows.values_list("pk", flat=True).first()
        peer = None if meeting_id is None else self.holder(meeting_id)
        return (meeting_id, peer) if meeting_id and peer else None

    def holder(self, meeting_id: int) -> str | None:
        """Channel of the other process that holds the room and can be asked."""
        if self._leases.lease(meeting_id) or not sockets.hears():
            return None
        node, name = process_of(meeting_id) or ("", "")
        if node in ("", self._leases.node):
            return None
        channel = channel_of(name)
        store: Any = client()  # its numbers carry no types
        ((_, listeners),) = store.pubsub_numsub(channel)
        return channel if listeners else None

    def hear(self, word: dict[str, Any]) -> None:
        """A process has taken a room: our sockets of that meeting go there."""
        if word["node"] != self._leases.node:
            sockets.send_away(int(word["meeting"]))

    def look(self) -> None:
        """Words may be lost, and processes: every few seconds."""
        try:
            for meeting_id in sockets.bound() - {*self._leases.held()}:
                if self.holder(meeting_id):
                    sockets.send_away(meeting_id)
            for tunnel in self.relay.carried():
                if self.holder(tunnel.meeting_id) != tunnel.peer:
                    tunnel.hear({"gone": True})
        except RedisError as error:
            log.warning("it is not known who holds calls", why=str(error))


def tell(meeting_id: int, node: str) -> None:
    """Say that ``node`` has taken a room. Not on an event loop."""
    try:
        client().publish(CHANNEL, json.dumps({"meeting": meeting_id, "node": node}))
    except RedisError as error:  # they look by themselves
        log.warning("others do not know who holds a call", why=str(error))


class Relayed:
    """ASGI: hands on to ``app`` what this process can answer, else to who can."""

    def __init__(self, app: Any) -> None:
        self._app = app

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        others, place = here(), PLACES.match(scope["path"])
        found = None
        if others and place and "relayed" not in scope:
            try:
                found = await in_database(others.find)(place[1])
            except (DatabaseError, RedisError) as error:
                log.warning("it is not known who holds a call", why=str(error))
        if others and found:
            await others.relay.carry(found[1], found[0], scope, receive, send)
        else:
            await self._app(scope, receive, send)


_here: Others | None = None


def serve(others: Others | None) -> None:
    """What this process knows of others from now on; None: it holds no calls."""
    global _here
    _here = others


def here() -> Others | None:
    """What this process knows of others."""
    return _here

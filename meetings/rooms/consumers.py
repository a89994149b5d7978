"""The room's websocket: signalling in, what happens in the room out.

The messages are in docs/signalling.md. A room lives in this process, so its socket
needs no channel layer: a call goes on while Redis is away.
"""

import asyncio
import time
from typing import Any, ClassVar

import structlog
from django.db import Error as DatabaseError
from redis.exceptions import RedisError

from meetings import access
from meetings.limits import Bucket
from meetings.media.errors import MediaError
from meetings.models import Participant
from meetings.rooms import calls, presence
from meetings.rooms.leases import Fenced
from meetings.services import MeetingOver, enter, start_meeting
from meetings.sockets import (
    NO_RIGHT,
    OVER,
    REPLACED,
    REVOKED,
    TAKEN,
    TOO_MANY,
    TRY_AGAIN,
    BadMessage,
    Message,
    Outbox,
    WatchedSocket,
    in_database,
    read,
)

log = structlog.get_logger(__name__)

RATE, BURST = 5.0, 30  # messages; a join with its renegotiations is about five


class RoomConsumer(Outbox, WatchedSocket):
    """One browser in a room: its seat is who it is, looked up again at every join."""

    endings: ClassVar = {"ended": OVER, "replaced": REPLACED}
    seat: Participant | None = None
    session_id = ""

    async def connect(self) -> None:
        self.bucket = Bucket(RATE, BURST)
        self.seat = await self._seat()
        if self.seat is None:
            await self.close(NO_RIGHT)  # before accept: answered with 403
            return
        self.meeting_id = self.seat.meeting_id
        await self.accept()
        if self.seat.meeting.is_over:
            await self._say_over()
        elif self._asks and presence.is_taken(self.meeting_id, self.seat.pk):
            await self.close(TAKEN)
        else:
            self._take_over(self.seat)
            for work in (self.pump(), self.watch()):
                self.tasks.append(asyncio.create_task(work))

    @property
    def _asks(self) -> bool:
        """Whether the browser would rather not throw out another of the same person."""
        return b"ask=1" in self.scope["query_string"].split(b"&")

    def _take_over(self, seat: Participant) -> None:
        old = presence.attach(seat.meeting_id, seat.pk, self)
        if old:
            old.put({"type": "replaced"})
        self.put({"type": "hello", "you": seat.pk})

    async def disconnect(self, code: int) -> None:
        if self.seat:
            presence.detach(self.seat.meeting_id, self.seat.pk, self)

    async def _say_over(self) -> None:
        await self.say({"type": "ended"})
        await self.close(OVER)

    # -- the right to be here

    async def _seat(self) -> Participant | None:
        user, session = await self.visitor()
        code = self.scope["url_route"]["kwargs"]["code"]
        look = in_database(access.seat_of)
        seat: Participant | None = await look(user, session, code)
        return seat

    async def may_stay(self) -> bool:
        seat = await self._seat()
        if seat and seat.meeting.is_over:
            await self._say_over()
        return seat is not None

    async def put_out(self) -> None:
        if self.seat and (here := calls.here()):
            await here.remove(self.seat.meeting_id, self.seat.pk)
        await super().put_out()

    def _who(self) -> int:
        return self.seat.pk if self.seat else 0

    # -- in

    async def obey(self, data: bytes) -> None:
        if not self.bucket.take(time.monotonic()):
            await self.close(TOO_MANY)
            return
        try:
            message = read(data)
            handle = HANDLERS[str(message.get("type"))]
        except (BadMessage, KeyError):
            self._refuse("bad_message", 400, "expected an object with a known type")
            return
        try:
            await handle(self, message)
        except MediaError as error:
            self._refuse(error.code, error.http_status, error.detail)
        except MeetingOver:
            await self._say_over()
        except (DatabaseError, Fenced, RedisError) as error:
            log.warning("a browser is to come again", seat=self._who(), why=str(error))
            await self.close(TRY_AGAIN)

    def _refuse(self, code: str, status: int, detail: str) -> None:
        self.put({"type": "error", "code": code, "status": status, "detail": detail})

    async def join(self, message: Message) -> None:
        self.seat = await self._seat()
        if self.seat is None:
            await self.close(REVOKED)
            return
        await in_database(start_meeting)(self.seat.meeting)
        answer = await calls.open_here().join(self.seat, _sdp(message))
        if await self._seat() is None:  # put out while coming in
            await self.put_out()
            return
        await in_database(enter)(self.seat)
        self.session_id = answer["session"]
        self.put(answer)

    async def offer(self, message: Message) -> None:
        assert self.seat
        self.put(
            await calls.open_here().offer(
                self.seat.meeting_id, self.session_id, _sdp(message)
            )
        )

    async def leave(self, message: Message) -> None:
        assert self.seat
        await calls.open_here().leave(self.seat.meeting_id, self.session_id)
        await self.close(1000)

    async def ping(self, message: Message) -> None:
        """A browser cannot see that the network is gone, but it can miss the answer."""
        self.put({"type": "pong"})

    async def muted(self, message: Message) -> None:
        assert self.seat
        muted = message.get("muted") is True
        await calls.open_here().set_muted(self.seat.meeting_id, self.seat.pk, muted)


def _sdp(message: Message) -> str:
    return str(message.get("sdp", ""))


HANDLERS: dict[str, Any] = {
    "join": RoomConsumer.join,
    "offer": RoomConsumer.offer,
    "leave": RoomConsumer.leave,
    "muted": RoomConsumer.muted,
    "ping": RoomConsumer.ping,
}

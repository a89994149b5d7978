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
from meetings.models import Meeting, Participant
from meetings.rooms import calls, chat, presence
from meetings.rooms.leases import Fenced, HeldElsewhere
from meetings.services import MeetingOver, called, enter, start_meeting
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

    at_holder = True
    endings: ClassVar = {"ended": OVER, "replaced": REPLACED}
    seat: Participant | None = None
    user: Any = None  # as of the last look at the right to be here
    session_id = ""
    is_host = False

    async def connect(self) -> None:
        self.bucket = Bucket(RATE, BURST)
        self.chat_bucket = Bucket(chat.RATE, chat.BURST)
        self.read_bucket = Bucket(chat.READ_RATE, chat.READ_BURST)
        self.written: asyncio.Queue[tuple[str, str]] = asyncio.Queue(chat.BURST)
        self.seat = await self._seat()
        if self.seat is None:
            await self.close(NO_RIGHT)  # before accept: answered with 403
            return
        self.meeting_id = self.seat.meeting_id
        self.is_host = _is_host(self.seat)
        await self.accept()
        if self.seat.meeting.is_over:
            await self._say_over()
        elif self._asks and presence.is_taken(self.meeting_id, self.seat.pk):
            await self.close(TAKEN)
        else:
            self._take_over(self.seat)
            for work in (self.pump(), self.watch(), self.keep_chat()):
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

    # -- what others change

    def hear(self, event: Message) -> None:
        """Another title, perhaps. Or somebody knocks, or was let in: a host's page asks
        who (waiting_views)."""
        if self.seat and event["type"] == "meeting":
            self.put({"type": "meeting"})
        if event["type"] == "knocks" and self.is_host:
            self.put({"type": "knocks"})

    def hear_all(self) -> None:
        self.hear({"type": "meeting"})
        self.hear({"type": "knocks"})

    async def say(self, message: Message) -> None:
        """The title is looked up when the turn of its message comes."""
        if message["type"] in ("hello", "meeting"):
            message = message | await self._title()
        await super().say(message)

    async def _title(self) -> Message:
        try:
            title: Message = await in_database(_title)(self.meeting_id, self.user)
        except (DatabaseError, Meeting.DoesNotExist) as error:
            log.warning("a browser is not told the title", why=str(error))
            return {}
        return title

    async def disconnect(self, code: int) -> None:
        if self.seat:
            presence.detach(self.seat.meeting_id, self.seat.pk, self)

    async def _say_over(self) -> None:
        await self.say({"type": "ended"})
        await self.close(OVER)

    # -- the right to be here

    async def _seat(self) -> Participant | None:
        self.user, session = await self.visitor()
        code = self.scope["url_route"]["kwargs"]["code"]
        look = in_database(access.seat_of)
        seat: Participant | None = await look(self.user, session, code)
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
        except HeldElsewhere:  # who comes again is led there
            await self.close(TRY_AGAIN)
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
                self.seat.meeting_id,
                self.session_id,
                _sdp(message),
                _sources(message),
            )
        )

    async def share(self, message: Message) -> None:
        """Ask for the room's screen; the answer says who has it."""
        assert self.seat
        rooms, instead_of = calls.open_here(), message.get("instead_of")
        self.put(
            await rooms.share(
                self.seat.meeting_id,
                self.seat.pk,
                instead_of if isinstance(instead_of, int) else 0,
            )
        )

    async def unshare(self, message: Message) -> None:
        assert self.seat
        await calls.open_here().unshare(self.seat.meeting_id, self.seat.pk)

    async def leave(self, message: Message) -> None:
        assert self.seat
        await calls.open_here().leave(self.seat.meeting_id, self.session_id)
        await self.close(1000)

    async def ping(self, message: Message) -> None:
        """A browser cannot see that the network is gone, but it can miss the answer.

        It learns the meeting's clock by it, for sound that it keeps."""
        assert self.seat
        clock_ms, n = self.seat.meeting.clock_ms(), message.get("n")
        told = n if isinstance(n, int) else 0
        self.put({"type": "pong", "clock_ms": clock_ms, "n": told})

    async def write(self, message: Message) -> None:
        """Say something in writing."""
        key = message.get("key")
        try:
            if not self.session_id:
                raise chat.Unsaid(*chat.NOT_IN)
            if self.written.full() or not self.chat_bucket.take(time.monotonic()):
                raise chat.Unsaid(*chat.TOO_FAST)
            self.written.put_nowait(chat.checked(message.get("text"), key))
        except chat.Unsaid as why:
            self._unsaid(key, why)

    async def keep_chat(self) -> None:
        """Messages one after another, beside the rest: a database that is away keeps no
        ping waiting."""
        while True:
            text, key = await self.written.get()
            try:
                await self._keep(text, key)
            except chat.Unsaid as why:
                self._unsaid(key, why)
            except DatabaseError as error:
                log.warning("a chat message is not kept", error=str(error))
                self._unsaid(key, chat.Unsaid(*chat.NOT_KEPT))
            except Fenced:
                await self.close(TRY_AGAIN)

    async def _keep(self, text: str, key: str) -> None:
        assert self.seat
        said, new = await in_database(chat.say)(self.seat, text, key)
        tell = presence.tell if new else self._tell_again
        tell(self.seat.meeting_id, {"type": "chat", **said})

    def _tell_again(self, meeting_id: int, message: Message) -> None:
        self.put(message)  # the others have it

    def _unsaid(self, key: Any, why: chat.Unsaid) -> None:
        about = {"code": why.code, "detail": why.detail}
        self.put({"type": "unsaid", "key": key, **about})

    async def read_chat(self, message: Message) -> None:
        """The chat so far, behind the message that the browser has already."""
        assert self.seat
        after = message.get("after")
        known = after if isinstance(after, int) and 0 < after < 2**63 else 0
        if self.session_id and self.read_bucket.take(time.monotonic()):
            for part in await in_database(chat.read)(self.seat.meeting_id, known):
                self.put(part)

    async def muted(self, message: Message) -> None:
        assert self.seat
        muted = message.get("muted") is True
        await calls.open_here().set_muted(self.seat.meeting_id, self.seat.pk, muted)

    async def silent(self, message: Message) -> None:
        """A browser says whether its microphone sends nothing though it is on."""
        assert self.seat
        silent = message.get("silent") is True
        rooms = calls.open_here()
        await rooms.set_silent(self.seat.meeting_id, self.seat.pk, silent)

    async def mute(self, message: Message) -> None:
        """A host mutes somebody, who may unmute themselves at any time."""
        seat, whom = await self._seat(), message.get("participant")
        if seat is None or not await in_database(_is_host)(seat):
            self._refuse("not_host", 403, "only a host mutes others")
        elif isinstance(whom, int):
            presence.tell_one(seat.meeting_id, whom, {"type": "mute", "by": seat.name})


def _title(meeting_id: int, user: Any) -> Message:
    meeting = Meeting.objects.get(pk=meeting_id)
    return {"title": meeting.title, "name": called(meeting, user)}


def _is_host(seat: Participant) -> bool:
    return bool(seat.user and seat.meeting.may_be_run_by(seat.user))


def _sdp(message: Message) -> str:
    return str(message.get("sdp", ""))


def _sources(message: Message) -> dict[str, str]:
    """mid -> what it carries, of an offer that says so."""
    said = message.get("sources")
    pairs = said.items() if isinstance(said, dict) else ()
    return {mid: source for mid, source in pairs if isinstance(source, str)}


HANDLERS: dict[str, Any] = {
    "join": RoomConsumer.join,
    "offer": RoomConsumer.offer,
    "leave": RoomConsumer.leave,
    "share": RoomConsumer.share,
    "unshare": RoomConsumer.unshare,
    "muted": RoomConsumer.muted,
    "mute": RoomConsumer.mute,
    "silent": RoomConsumer.silent,
    "chat": RoomConsumer.write,
    "read_chat": RoomConsumer.read_chat,
    "ping": RoomConsumer.ping,
}

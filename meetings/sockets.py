"""What all websockets share: who may read, asked again and again; what comes in.

Close codes are 4000 and above: browsers and autobahn take no others from a server but
1000. docs/signalling.md lists them.
"""

import asyncio
import json
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import wraps
from random import random
from time import monotonic
from typing import Any, ClassVar

import structlog
from asgiref.sync import SyncToAsync
from channels.generic.websocket import AsyncWebsocketConsumer
from django.contrib.auth import get_user
from django.db import Error as DatabaseError  # InterfaceError is no DatabaseError
from django.db import connections
from django.http import HttpRequest

log = structlog.get_logger(__name__)

REVOKED, NO_RIGHT, TAKEN, REPLACED, OVER = 4403, 4404, 4408, 4409, 4410
TOO_LARGE, TOO_MANY, TRY_AGAIN, FULL = 4413, 4429, 4503, 4529
MAX_BYTES = 64 * 1024  # of a message
BLIND = 30.0  # s without the database after which nobody reads on unchecked
CROWD = 100  # sockets of which one second's worth look at once
# s between two looks at a right: where changes are told, and where they may be missed
TOLD, UNTOLD = 30.0, 4.0

# Whether this process hears of changes now (meetings.rights); set by its start.
hears: Callable[[], bool] = lambda: False  # noqa: E731


Message = dict[str, Any]
_threads = ThreadPoolExecutor(8, thread_name_prefix="socket-db")
OUTBOX = 256  # messages that a browser may be behind


def in_database(function: Callable[..., Any]) -> Any:
    """``function`` as a coroutine function, on one of a few threads.

    Channels' own would share one thread among all sockets: one that waits for the
    database would keep all others waiting.
    """

    @wraps(function)
    def run(*words: Any, **more: Any) -> Any:
        try:
            return function(*words, **more)
        finally:
            connections.close_all()  # or back to the pool

    return SyncToAsync(run, thread_sensitive=False, executor=_threads)


def _visitor(session: Any) -> tuple[Any, Any]:
    request = HttpRequest()
    request.session = type(session._wrapped)(session.session_key)
    return get_user(request), request.session


class BadMessage(ValueError):
    """What came in is no JSON object that can be understood."""


class WatchedSocket(AsyncWebsocketConsumer):
    """A websocket whose visitor is looked up anew, and put out when the right is lost.

    Subclasses say ``may_stay`` and may ``obey``.
    """

    channel_layer_alias = "none"
    at_holder = False  # whether the process that holds the room must answer it
    meeting_id: int | None = None  # what the right is about, once it is known

    async def websocket_connect(self, message: Any) -> None:
        self.loop = asyncio.get_running_loop()
        self.look = asyncio.Event()
        self.tasks: list[asyncio.Task[None]] = []
        _open.add(self)  # a word that comes before the watch begins is kept
        await super().websocket_connect(message)

    async def websocket_disconnect(self, message: Any) -> None:
        _open.discard(self)
        for task in self.tasks:
            task.cancel()
        await super().websocket_disconnect(message)

    async def visitor(self) -> tuple[Any, Any]:
        """User and session as of now: signing out and revoking count at once."""
        visitor: tuple[Any, Any] = await in_database(_visitor)(self.scope["session"])
        return visitor

    def hear(self, event: dict[str, Any]) -> None:
        """An event of the meeting (meetings.events), for who shows it. Any thread."""

    def hear_all(self) -> None:
        """Events may have been missed. Any thread."""

    async def may_stay(self) -> bool:
        """Whether the visitor still has the right; may close the socket itself."""
        raise NotImplementedError

    async def put_out(self) -> None:
        """End it for who lost the right."""
        await self.close(REVOKED)

    def recheck(self, after: float = 0.0) -> None:
        """Look at the right now, or in so many seconds. Any thread."""
        later = self.loop.call_later
        with suppress(RuntimeError):  # the loop is gone: so is the browser
            self.loop.call_soon_threadsafe(later, after, self.look.set)

    def come_again(self) -> None:
        """Close the socket, so that the browser opens it anew. Any thread."""
        with suppress(RuntimeError):
            asyncio.run_coroutine_threadsafe(self.close(TRY_AGAIN), self.loop)

    def concerns(self, meeting: int | None, user: int | None) -> bool:
        """Whether a change of this meeting's or user's rights may be one of ours."""
        of_meeting = meeting is None or self.meeting_id in (None, meeting)
        return of_meeting and user in (None, self.scope["user"].pk)

    async def watch(self) -> None:
        """Ask for the right until it is lost, or cannot be looked up for BLIND s."""
        asked = monotonic()
        while True:
            with suppress(TimeoutError):
                await asyncio.wait_for(self.look.wait(), TOLD if hears() else UNTOLD)
            self.look.clear()
            try:
                allowed = await self.may_stay()
            except DatabaseError as error:
                log.warning("a right could not be looked up", error=str(error))
                if monotonic() - asked > BLIND:
                    await self.close(TRY_AGAIN)
                    return
                self.loop.call_later(1.0, self.look.set)
                continue
            asked = monotonic()
            if not allowed:
                await self.put_out()
                return

    async def receive(
        self, text_data: str | None = None, bytes_data: bytes | None = None
    ) -> None:
        data = bytes_data if text_data is None else text_data.encode(errors="replace")
        if len(data or b"") > MAX_BYTES:
            await self.close(TOO_LARGE)
            return
        await self.obey(data or b"")

    async def obey(self, data: bytes) -> None:
        """Act on a message of at most MAX_BYTES; nothing is expected here."""


class Outbox:
    """Messages that wait for a slow browser, so many at most; filled from any thread.

    Mixed into a WatchedSocket, which starts ``pump``.
    """

    loop: asyncio.AbstractEventLoop
    tasks: list[asyncio.Task[None]]

    def __init__(self, *words: Any, **more: Any) -> None:
        super().__init__(*words, **more)
        self._waiting: asyncio.Queue[Message] = asyncio.Queue(OUTBOX)

    def put(self, message: Message) -> None:
        """Queue a JSON-ready message. Any thread."""
        with suppress(RuntimeError):  # the loop is gone: so is the browser
            self.loop.call_soon_threadsafe(self._queue, message)

    def _queue(self, message: Message) -> None:
        try:
            self._waiting.put_nowait(message)
        except asyncio.QueueFull:
            log.warning("a browser does not read its messages")
            for task in self.tasks:
                task.cancel()
            self.tasks = [self.loop.create_task(self.close(TRY_AGAIN))]

    async def pump(self) -> None:
        """Send what waits, and close after a message of ``endings``."""
        while True:
            message = await self._waiting.get()
            await self.say(message)
            if code := self.endings.get(message["type"]):
                await self.close(code)

    # What the socket provides.
    endings: ClassVar[dict[str, int]] = {}

    async def say(self, message: Message) -> None:
        """Send a message now."""
        await self.send(text_data=json.dumps(message))  # type: ignore[attr-defined]

    async def close(self, code: int) -> None:
        """End the connection."""
        await super().close(code)  # type: ignore[misc]


class _Open:
    """The watched sockets of this process."""

    def __init__(self) -> None:
        self._sockets: set[WatchedSocket] = set()
        self._lock = threading.Lock()

    def add(self, socket: WatchedSocket) -> None:
        with self._lock:
            self._sockets.add(socket)

    def discard(self, socket: WatchedSocket) -> None:
        with self._lock:
            self._sockets.discard(socket)

    def of(self, meeting: int | None, user: int | None) -> list[WatchedSocket]:
        with self._lock:
            return [s for s in self._sockets if s.concerns(meeting, user)]


_open = _Open()


def tell_pages(word: dict[str, Any]) -> None:
    """Hand an event of meetings.events to the pages of its meeting. Any thread."""
    for socket in _open.of(int(word["meeting"]), None):
        socket.hear(word["event"])


def catch_up() -> None:
    """Words may have been missed: look at every right, say how everything stands."""
    recheck()
    for socket in _open.of(None, None):
        socket.hear_all()


def bound() -> set[int]:
    """Meetings with sockets here that the holder of their room must answer."""
    of_room = [socket for socket in _open.of(None, None) if socket.at_holder]
    return {s.meeting_id for s in of_room if s.meeting_id is not None}


def send_away(meeting: int) -> None:
    """Have everybody of a room come again: it is held elsewhere now. Any thread."""
    for socket in _open.of(meeting, None):
        if socket.at_holder and socket.meeting_id == meeting:
            socket.come_again()


def recheck(meeting: int | None = None, user: int | None = None) -> None:
    """Rights in this meeting, or of this user, may have changed: look. Any thread."""
    concerned = _open.of(meeting, user)
    within = len(concerned) / CROWD  # a crowd does not come to the database at once
    for socket in concerned:
        socket.recheck(random() * within if within > 1 else 0.0)


def read(data: bytes) -> dict[str, Any]:
    """A message as an object. Raises BadMessage for whatever else comes in."""
    try:
        message = json.loads(data)
        json.dumps(message, ensure_ascii=False).encode()  # no half of a surrogate pair
    except (ValueError, RecursionError) as error:
        raise BadMessage("expected JSON") from error
    if not isinstance(message, dict):
        raise BadMessage("expected an object")
    return message

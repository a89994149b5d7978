"""Others call us by SRT, on one port, each with a stream id of its own."""

import asyncio
import logging
import re
import socket
import threading
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import aclosing, suppress
from dataclasses import dataclass
from enum import IntEnum
from typing import ClassVar

from meetings.media.errors import MediaError, SourceUnreachable
from meetings.media.ingress import libsrt
from meetings.media.ingress.base import Ingress
from meetings.media.ingress.libsrt import SRTSocket
from meetings.media.ingress.srt import Reception, prepare
from meetings.media.ingress.stay import Stay
from meetings.media.room import Room

logger = logging.getLogger(__name__)


class Reject(IntEnum):
    """Why a caller is sent away, by the numbers of SRT's access control."""

    BAD_REQUEST = 1400
    UNAUTHORIZED = 1401
    OVERLOAD = 1402
    FORBIDDEN = 1403
    NOT_FOUND = 1404
    CONFLICT = 1409
    ELSEWHERE = 1502  # "gateway": the room is another server's


@dataclass(frozen=True)
class Grant:
    """Whom a caller becomes, and where: in a room, or one that is opened for it.

    `passphrase`: 10 to 79 characters; "" for a stream that is not encrypted.
    """

    room: Room | Callable[[], Awaitable[Room]]
    participant_id: str
    label: str
    passphrase: str = ""
    recorded: bool = True


# Called on a thread of libsrt that all calls share: it must look up, and not wait.
Authorize = Callable[[str], Grant | Reject]


def everywhere() -> str:
    """The host to listen at for all who call: by IPv6 as well, where there is any."""
    try:
        with socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as probe:
            probe.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
            probe.bind(("::", 0))
    except OSError:
        return "0.0.0.0"
    return "::"


@dataclass(frozen=True)
class StreamID:
    """What a caller says who it is."""

    room: str
    label: str
    token: str


def parse_stream_id(text: str) -> StreamID:
    """Read `publish:ROOM:LABEL:TOKEN` or `#!::r=ROOM,u=LABEL,s=TOKEN,m=publish`.

    Raises ValueError.
    """
    if text.startswith("#!::"):
        given = dict(re.findall(r"(\w+)=([^,]*)", text[4:]))
        if given.get("m", "publish") != "publish" or not given.keys() >= {"r", "s"}:
            raise ValueError("a stream id without room and token, or not to publish")
        return StreamID(given["r"], given.get("u", ""), given["s"])
    parts = text.split(":")
    if len(parts) != 4 or parts[0] != "publish":
        raise ValueError("a stream id of another form")
    return StreamID(*parts[1:])


class SRTSession(Ingress):
    """One caller of a listener. When it ends, the room waits for it to call again, as
    for a browser whose network is gone."""

    kind: ClassVar[str] = "srt"

    def __init__(self, stream: SRTSocket, grant: Grant) -> None:
        super().__init__(grant.participant_id, grant.label, recorded=grant.recorded)
        self._stream = stream

    async def read(self) -> AsyncGenerator[bytes]:
        async with aclosing(Reception(self._stream).batches()) as batches:
            with suppress(SourceUnreachable):
                # nobody can tell an end from a broken line; the caller comes back
                async for batch in batches:
                    yield batch

    async def _depart(self, stay: Stay) -> None:
        pass


class SRTListener:
    """One port that many call, each with a stream id of its own.

    `authorize` decides about each by its stream id: a Grant, or why not; it is asked
    twice, before and after the handshake. `on_session` hears of each `SRTSession`
    before it starts. A second caller for a participant who sends already is sent away
    (CONFLICT). On the media loop, but for `authorize`.
    """

    def __init__(
        self,
        host: str,
        port: int,
        authorize: Authorize,
        on_session: Callable[[SRTSession], None] = lambda session: None,
    ) -> None:
        self._address = (host, port)
        self._authorize = authorize
        self._on_session = on_session
        self._sessions: dict[str, SRTSession] = {}  # by participant
        self._stream: SRTSocket | None = None

    @property
    def port(self) -> int:
        assert self._stream is not None
        return self._stream.port()

    async def start(self) -> None:
        """Listen. Raises SRTMissing, SourceUnreachable when the port is taken."""
        self._loop = asyncio.get_running_loop()
        stream = SRTSocket()
        prepare(stream)
        try:
            stream.listen(*self._address, self._admit)
        except MediaError:
            stream.close()
            raise
        self._stream = stream
        threading.Thread(
            target=self._accept, args=(stream,), name="srt-accept", daemon=True
        ).start()

    async def stop(self) -> None:
        """No more callers, and an end to those there are."""
        stream, self._stream = self._stream, None
        if stream is not None:
            await asyncio.to_thread(stream.close)
        await asyncio.gather(*(s.stop() for s in list(self._sessions.values())))

    def _admit(self, id: int, stream_id: str) -> int | None:
        """On libsrt's thread: None to let a caller in."""
        answer = self._authorize(stream_id)
        if isinstance(answer, Reject):
            return answer
        if answer.participant_id in self._sessions:
            return Reject.CONFLICT
        if answer.passphrase:
            SRTSocket(id).set_text(libsrt.PASSPHRASE, answer.passphrase)
        return None

    def _accept(self, listener: SRTSocket) -> None:
        while (stream := listener.accept()) is not None:
            grant = self._grant(stream)
            if isinstance(grant, Grant):
                welcome = self._welcome(stream, grant)
                asyncio.run_coroutine_threadsafe(welcome, self._loop)
            else:
                stream.close()

    def _grant(self, stream: SRTSocket) -> Grant | Reject:
        try:
            return self._authorize(stream.text(libsrt.STREAMID))
        except SourceUnreachable:  # gone again
            return Reject.BAD_REQUEST

    async def _welcome(self, stream: SRTSocket, grant: Grant) -> None:
        if self._stream is None or grant.participant_id in self._sessions:
            return await asyncio.to_thread(stream.close)
        session = SRTSession(stream, grant)
        self._sessions[session.id] = session
        try:
            room = grant.room if isinstance(grant.room, Room) else await grant.room()
        except Exception as error:  # whatever it is, who calls again must get in
            unknown = not isinstance(error, MediaError | OSError)
            logger.warning("an SRT caller has no room: %s", error, exc_info=unknown)
            del self._sessions[session.id]
            return await asyncio.to_thread(stream.close)
        session.listen(lambda state, error: self._forget_ended(session))
        self._on_session(session)
        await session.start(room)

    def _forget_ended(self, session: SRTSession) -> None:
        if not session.runs and self._sessions.get(session.id) is session:
            del self._sessions[session.id]

"""WHIP (RFC 9725), by which programs publish, and WHEP, its mirror, by which they play.

One handler for any web server: it takes a request and gives an answer. What a token
opens is for the application to say, see `Door`.
"""

import asyncio
import json
import logging
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import ClassVar, Protocol

from aiortc.exceptions import InvalidStateError

from meetings.media.config import ICEServer
from meetings.media.errors import (
    BadOffer,
    MediaError,
    OfferTooLarge,
    SessionNotFound,
    Unauthorized,
)
from meetings.media.ingress.offers import Direction, fit, read_fragment, ufrag_of
from meetings.media.room import Room
from meetings.media.server import MediaServer
from meetings.media.turn import with_login

logger = logging.getLogger(__name__)

SDP = "application/sdp"
FRAGMENT = "application/trickle-ice-sdpfrag"
METHODS = "OPTIONS, POST, PATCH, DELETE"
# s from the answer to DELETE until the connection is closed. FFmpeg 9 still says that
# it could not read the answer: it takes the status line for the length of a chunk.
REPLY_FIRST = 0.2
# Whoever holds a token may use it from a page of any site: no cookie counts here.
CORS = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Allow-Methods": METHODS,
    "Access-Control-Allow-Headers": "Authorization, Content-Type, If-Match",
    "Access-Control-Expose-Headers": "Location, Link",
    "Access-Control-Max-Age": "86400",
    "Cache-Control": "no-store",
}


@dataclass(frozen=True)
class HTTPRequest:
    """`path` without the query; names of `headers` in small letters."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes = b""


@dataclass(frozen=True)
class HTTPResponse:
    status: int
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""


class Door(Protocol):
    """What a token opens: a room, to publish into it or to play it."""

    async def join(self, offer: str) -> tuple[str, str]:
        """Session id and answer. From any loop. Raises MediaError."""

    def room(self) -> Room | None:
        """Where the sessions are; None when it is closed."""


@dataclass(frozen=True)
class Publisher:
    """The door of one participant of a room (WHIP).

    `recorded`: the sound is written and heard; `video`: pictures are written, too.
    """

    server: MediaServer
    room_id: str
    participant_id: str
    label: str
    recorded: bool = True
    video: bool = False

    async def join(self, offer: str) -> tuple[str, str]:
        """Publish as this participant; an older session of the same ends."""
        room = _open(self)
        joining = room.join(
            self.participant_id,
            self.label,
            offer,
            recorded=self.recorded,
            video=self.video,
        )
        answer = await self.server.loop.call(joining)
        return answer.session_id, answer.sdp

    def room(self) -> Room | None:
        return self.server.room(self.room_id)


@dataclass(frozen=True)
class Player:
    """The door of those who play a room, or one participant `whom` (WHEP)."""

    server: MediaServer
    room_id: str
    whom: str | None = None

    async def join(self, offer: str) -> tuple[str, str]:
        """Play."""
        watching = _open(self).viewers.watch(offer, self.whom)
        return await self.server.loop.call(watching)

    def room(self) -> Room | None:
        return self.server.room(self.room_id)


def _open(door: Door) -> Room:
    if (room := door.room()) is None:
        raise MediaError("no_room", 404, "nobody is in the room")
    return room


# Token, path of the request -> what it opens. Quick, and before anything is read.
# Raises MediaError: Unauthorized, Forbidden.
Authorize = Callable[[str, str], Awaitable[Door]]


@dataclass(frozen=True)
class _Session:
    door: Door
    ufrag: str


class WHIPHandler:
    """The sessions of those who publish; `handle` may be awaited on any loop."""

    direction: ClassVar[Direction] = "sendonly"

    def __init__(self, server: MediaServer, authorize: Authorize) -> None:
        self._server = server
        self._authorize = authorize
        self._sessions: dict[str, _Session] = {}

    async def handle(self, request: HTTPRequest) -> HTTPResponse:
        """Answer a request; every refusal is an answer, too."""
        answers = {
            "OPTIONS": self._options,
            "POST": self._post,
            "PATCH": self._patch,
            "DELETE": self._delete,
        }
        try:
            if answer := answers.get(request.method):
                response = await answer(request)
            else:
                response = HTTPResponse(405, {"Allow": METHODS})
        except MediaError as error:
            response = refusal(error)
        return HTTPResponse(response.status, headers_of(response), response.body)

    async def _options(self, request: HTTPRequest) -> HTTPResponse:
        """What a browser asks before it posts: ICE servers only for who has a token,
        because they carry passwords."""
        headers = {"Accept-Post": SDP, "Allow": METHODS}
        if token := bearer(request):
            await self._authorize(token, request.path)
            headers |= self._ice_servers()
        return HTTPResponse(204, headers)

    async def _post(self, request: HTTPRequest) -> HTTPResponse:
        if not (token := bearer(request)):
            raise Unauthorized
        door = await self._authorize(token, request.path)
        offer = fit(self._body(request, SDP), self.direction)
        await self._forget_ended()
        session_id, sdp = await door.join(offer.sdp)
        self._sessions[session_id] = _Session(door, ufrag_of(offer.sdp))
        location = f"{request.path.rstrip('/')}/{session_id}"
        headers = {"Content-Type": SDP, "Location": location, **self._ice_servers()}
        return HTTPResponse(201, headers, offer.answer(sdp).encode())

    async def _patch(self, request: HTTPRequest) -> HTTPResponse:
        """More candidates. No ICE restart: aiortc has none."""
        session_id, session = self._session(request)
        fragment = read_fragment(self._body(request, FRAGMENT))
        if fragment.ufrag not in ("", session.ufrag):
            return HTTPResponse(405, {"Allow": "DELETE"})
        room = _open(session.door)

        async def trickle() -> None:
            peer = room.connection(session_id)
            try:
                await peer.trickle(fragment.candidates, fragment.complete)
            except (InvalidStateError, ValueError) as error:
                raise BadOffer(str(error)) from error

        await self._server.loop.call(trickle())
        return HTTPResponse(204)

    async def _delete(self, request: HTTPRequest) -> HTTPResponse:
        session_id, session = self._session(request)
        room, living = session.door.room(), await self._living([session_id])
        gone = self._sessions.pop(session_id, None) is None  # by another request
        if room is None or gone or session_id not in living:
            raise SessionNotFound(session_id)
        self._server.loop.submit(_leave(room, session_id))
        return HTTPResponse(200)

    def _session(self, request: HTTPRequest) -> tuple[str, _Session]:
        """The session at a path: whoever knows its id was told it."""
        session_id = request.path.rstrip("/").rpartition("/")[2]
        if session := self._sessions.get(session_id):
            return session_id, session
        raise SessionNotFound(session_id)

    def _body(self, request: HTTPRequest, expected: str) -> str:
        """The text of a request of this type. Raises MediaError."""
        kind = request.headers.get("content-type", "").partition(";")[0].strip()
        if kind.lower() != expected:
            raise MediaError("bad_type", 415, f"expected {expected}")
        limit = self._server.config.max_sdp_bytes
        if len(request.body) > limit:
            raise OfferTooLarge(len(request.body), limit)
        try:
            return request.body.decode()
        except UnicodeDecodeError as error:
            raise BadOffer("not UTF-8") from error

    async def _forget_ended(self) -> None:
        """Who timed out or was put out never says goodbye."""
        living = await self._living(list(self._sessions))
        for session_id in [id for id in self._sessions if id not in living]:
            self._sessions.pop(session_id, None)

    async def _living(self, session_ids: list[str]) -> set[str]:
        doors = {id: self._sessions[id].door for id in session_ids}

        async def look() -> set[str]:
            return {id for id, door in doors.items() if _is_there(door, id)}

        return await self._server.loop.call(look())

    def _ice_servers(self) -> dict[str, str]:
        servers = self._server.config.ice_servers
        links = ", ".join(_link(with_login(server, time.time())) for server in servers)
        return {"Link": links} if links else {}


class WHEPHandler(WHIPHandler):
    """The sessions of those who play."""

    direction: ClassVar[Direction] = "recvonly"


def bearer(request: HTTPRequest) -> str:
    """The token of a request, with or without "Bearer"; empty where there is none."""
    words = request.headers.get("authorization", "").split()
    if words and words[0].lower() == "bearer":
        words = words[1:]
    return words[0] if len(words) == 1 else ""


def headers_of(response: HTTPResponse) -> dict[str, str]:
    """All headers of an answer; FFmpeg takes one of unsaid length for a failure."""
    length = {"Content-Length": str(len(response.body))}
    return {**CORS, **response.headers, **(length if response.status != 204 else {})}


def refusal(error: MediaError) -> HTTPResponse:
    """Why not, for programs and for people."""
    told = {"error": {"code": error.code, "message": error.detail}}
    headers = {"Content-Type": "application/json"}
    if error.http_status == 401:
        headers["WWW-Authenticate"] = "Bearer"
    if error.http_status in (429, 503):
        headers["Retry-After"] = "5"
    return HTTPResponse(error.http_status, headers, json.dumps(told).encode())


def _is_there(door: Door, session_id: str) -> bool:
    try:
        return bool((room := door.room()) and room.connection(session_id))
    except SessionNotFound:
        return False


async def _leave(room: Room, session_id: str) -> None:
    """Close after the answer: a program still waits for it on the same network."""
    await asyncio.sleep(REPLY_FIRST)
    try:
        await room.viewers.leave(session_id)
        await room.leave(session_id)
    except Exception:
        logger.exception("room %s: a session did not end in order", room.id)


def _link(server: ICEServer) -> str:
    """RFC 9725, section 4.6."""
    login = ""
    if server.username is not None:
        login = (
            f'; username="{_quoted(server.username)}"'
            f'; credential="{_quoted(server.credential or "")}"'
            '; credential-type="password"'
        )
    return ", ".join(f'<{url}>; rel="ice-server"{login}' for url in server.urls)


def _quoted(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"')

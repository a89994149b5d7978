"""Daphne, bounded: bodies are capped before they are read, senders wait for readers.

Daphne reads a whole body before the application sees the request, and writes answers
as fast as the application makes them, whatever the reader takes; it ends up in memory.
No ASGI middleware can help: it runs too late. tests/config/http/test_bounded.py holds
what this file relies on.
"""

import asyncio
import json
from typing import Any

import daphne.server
from daphne.http_protocol import HTTPFactory, WebRequest
from daphne.ws_protocol import WebSocketProtocol
from twisted.internet.interfaces import IPushProducer
from zope.interface import implementer

MOST = 16 * 1024 * 1024  # bytes of a body: larger files come in slices
STREAMS = (b"/whip/", b"/whep/")  # anybody may ask there, and sends a short text
STREAM_MOST = 64 * 1024  # bytes of it
STREAM_SECONDS = 10.0  # for it to arrive
_ROOT_PATH = b"daphne-root-path"  # Daphne believes it from anybody


@implementer(IPushProducer)
class Gate:
    """Open while the connection takes more; what is sent meanwhile waits."""

    def __init__(self) -> None:
        self._open = asyncio.Event()
        self._open.set()

    async def wait(self) -> None:
        """Return when the reader has caught up, or is gone."""
        await self._open.wait()

    def pauseProducing(self) -> None:
        """Twisted: its buffer is full."""
        self._open.clear()

    def resumeProducing(self) -> None:
        """Twisted: there is room again."""
        self._open.set()

    def stopProducing(self) -> None:
        """Twisted: the connection is gone, nobody needs to wait."""
        self._open.set()


class Request(WebRequest):
    """A request whose body may have MOST bytes, or STREAM_MOST."""

    gate: Gate | None = None
    _body = 0
    _most = MOST
    _refused = False
    _cut: Any = None  # the call that ends a body which takes too long

    def gotLength(self, length: int | None) -> None:
        """Refuse by what the client says, before it is sent."""
        if self.channel._path.startswith(STREAMS):  # known before self.path is
            self._most = STREAM_MOST
            self._cut = self.channel.callLater(STREAM_SECONDS, self._end_slow)
        if length is not None and length > self._most:
            super().gotLength(0)
            self._refuse()
        else:
            super().gotLength(length)

    def handleContentChunk(self, data: bytes) -> None:
        """Refuse by what comes, where nothing was said."""
        if self._refused:
            return
        self._body += len(data)
        if self._body > self._most:
            self._refuse()
        else:
            super().handleContentChunk(data)

    def connectionLost(self, reason: Any) -> None:
        """The client is gone."""
        self._cancel_cut()
        super().connectionLost(reason)

    def process(self) -> Any:
        """Hand the request on."""
        self._cancel_cut()
        if self._refused:
            return None
        self.requestHeaders.removeHeader(_ROOT_PATH)
        return super().process()

    def _cancel_cut(self) -> None:
        if self._cut is not None and self._cut.active():
            self._cut.cancel()

    def _end_slow(self) -> None:
        message = f"A request may take {STREAM_SECONDS:.0f} s here."
        self._end(b"408 Request Timeout", "too_slow", message)

    def _refuse(self) -> None:
        self._cancel_cut()
        message = f"A request may have {self._most // 1024} KB here."
        self._end(b"413 Content Too Large", "too_large", message)

    def _end(self, status: bytes, code: str, message: str) -> None:
        self._refused = True
        body = json.dumps({"error": {"code": code, "message": message}}).encode()
        self.channel.transport.write(
            b"HTTP/1.1 %s\r\n"
            b"Content-Type: application/json\r\n"
            b"Content-Length: %d\r\n"
            b"Connection: close\r\n\r\n%s" % (status, len(body), body)
        )
        self.channel.loseConnection()


class Factory(HTTPFactory):
    """Makes bounded requests."""

    def buildProtocol(self, address: Any) -> Any:
        """One connection."""
        protocol = super().buildProtocol(address)
        protocol.requestFactory = Request
        return protocol


daphne.server.HTTPFactory = Factory  # Server.run() takes it from there by name


class Server(daphne.server.Server):
    """Daphne whose applications wait in ``send`` for readers that are slow."""

    async def handle_reply(self, protocol: Any, message: dict[str, Any]) -> None:
        """Send a message of the application; return when there is room for more."""
        kind = message["type"]
        if kind == "http.response.body" and not message.get("more_body"):
            _let_go(protocol)
        await super().handle_reply(protocol, message)
        connection = self.connections.get(protocol)
        if not connection or connection.get("disconnected"):
            return
        if kind == "http.response.start":
            protocol.gate = _gate_of(protocol)
        elif kind == "websocket.accept":
            # the HTTP channel is still registered after the upgrade
            protocol.transport.unregisterProducer()
            protocol.gate = _gate_of(protocol.transport)
        if gate := getattr(protocol, "gate", None):
            await gate.wait()


def _gate_of(connection: Any) -> Gate:
    gate = Gate()
    connection.registerProducer(gate, True)
    return gate


def _let_go(protocol: Any) -> None:
    """The last message of an answer: Twisted wants no producer when it ends."""
    if not isinstance(protocol, WebSocketProtocol) and getattr(protocol, "gate", None):
        protocol.unregisterProducer()
        protocol.gate = None

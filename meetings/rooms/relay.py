"""Connections that another process answers, carried to it over Valkey.

What a browser or a program sends goes on as the ASGI event that it is, and so does what
is answered: to the application of the room's holder it looks like a connection of its
own. It knows nothing of where that process runs, only its channel.
"""

import asyncio
import json
import threading
from contextlib import suppress
from queue import Empty, SimpleQueue
from time import monotonic
from typing import Any
from uuid import uuid4

import structlog
from redis.exceptions import RedisError

from meetings.media.loop import MediaLoop
from meetings.rooms.tunnel import Event, Gone, Post, Tunnel, packed, unpacked
from meetings.sockets import MAX_BYTES, TRY_AGAIN
from meetings.valkey import client, key

log = structlog.get_logger(__name__)

ANSWER = 10.0  # s for the other process to say something at all
LOOK = 1.0  # s between two looks at whether the other processes are there
LAST_WORDS = 1.0  # s for what was said last

# What of an ASGI scope makes sense in another process.
SCOPE = (
    *("type", "asgi", "http_version", "scheme", "method", "path", "raw_path"),
    *("query_string", "root_path", "headers", "client", "server", "subprotocols"),
)


class Relay:
    """The tunnels of this process, of either end; no two processes share a ``name``."""

    def __init__(self, name: str, app: Any) -> None:
        """``app``: answers what other processes send here."""
        self.channel = channel_of(name)
        self._app = app
        self._carried: dict[str, Tunnel] = {}  # whose browsers are here
        self._answered: dict[str, Tunnel] = {}  # whose room is here
        self._lock = threading.Lock()
        self._loop: MediaLoop | None = None  # while others may ask
        self._work: set[asyncio.Task[None]] = set()  # what is answered, on that loop
        self._words: SimpleQueue[tuple[str, Event] | None] = SimpleQueue()
        self._publisher = threading.Thread(target=self._publish, name="relayed")
        self._publisher.daemon = True

    def start(self) -> None:
        """Carry from now on, and answer what others carry here."""
        self._loop = MediaLoop("relay")  # Daphne's runs later than we are asked
        self._loop.start()
        self._publisher.start()

    def stop(self) -> None:
        """Tell the other ends, and end."""
        for name, tunnel in self._all():
            self._post(name, tunnel.peer, {"gone": True})
        self._words.put(None)
        self._publisher.join(LAST_WORDS)
        loop, self._loop = self._loop, None
        if loop:
            loop.stop(LAST_WORDS)

    # -- from here to the holder

    async def carry(
        self, peer: str, meeting_id: int, scope: Any, receive: Any, send: Any
    ) -> None:
        """Have the process behind ``peer``, a channel, answer this connection."""
        name = uuid4().hex
        soon = asyncio.get_running_loop().call_soon_threadsafe
        tunnel = Tunnel(peer, meeting_id, self._poster(name, peer), soon)
        self._keep(self._carried, name, tunnel)
        asked = {word: packed(scope[word]) for word in SCOPE if word in scope}
        self._post(name, peer, {"open": asked, "meeting": meeting_id})
        there = asyncio.create_task(_there(tunnel, receive))
        back = asyncio.create_task(_back(tunnel, scope["type"], send))
        ends = (there,) if scope["type"] == "websocket" else (there, back)
        try:
            await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)
        finally:
            self._forget(self._carried, name)
            for work in (there, back):
                work.cancel()
            self._post(name, peer, {"gone": True})

    def carried(self) -> list[Tunnel]:
        """What others answer for browsers of this process."""
        with self._lock:
            return list(self._carried.values())

    # -- for other processes

    def take(self, word: Event) -> None:
        """A word of another process, or none: it wants to know whether we are there."""
        if not (name := word.get("tunnel")):
            return
        tunnel = self._carried.get(name) or self._answered.get(name)
        if tunnel:
            tunnel.hear(word)
        elif "open" in word:
            self._open(name, word)
        elif "gone" not in word:  # it speaks to who was here before us
            self._post(name, word["from"], {"gone": True})

    def _open(self, name: str, word: Event) -> None:
        if (loop := self._loop) is None:
            return
        peer, meeting_id = word["from"], int(word["meeting"])
        tunnel = Tunnel(peer, meeting_id, self._poster(name, peer), loop.soon)
        self._keep(self._answered, name, tunnel)
        with suppress(RuntimeError):  # we stop, and the other end is told
            loop.soon(self._begin, name, tunnel, unpacked(word["open"]))

    def _begin(self, name: str, tunnel: Tunnel, scope: Event) -> None:
        work = asyncio.create_task(self._answer(name, tunnel, scope))
        self._work.add(work)
        work.add_done_callback(self._work.discard)

    async def _answer(self, name: str, tunnel: Tunnel, scope: Event) -> None:
        async def receive() -> Event:
            try:
                return await tunnel.receive()
            except Gone:
                return {"type": f"{scope['type']}.disconnect", "code": 1006}

        async def send(event: Event) -> None:
            with suppress(Gone):
                await tunnel.send(event)

        try:
            await self._app(scope | {"relayed": True}, receive, send)
        except Exception:
            log.exception("a relayed connection failed", path=scope["path"])
        finally:
            self._forget(self._answered, name)
            self._post(name, tunnel.peer, {"gone": True})

    # -- tunnels

    def drop(self, peer: str | None = None) -> None:
        """End the tunnels to a process that is gone, or all: words were lost. Any
        thread."""
        for _, tunnel in self._all():
            if peer in (None, tunnel.peer):
                tunnel.hear({"gone": True})

    def _all(self) -> list[tuple[str, Tunnel]]:
        with self._lock:
            return [*self._carried.items(), *self._answered.items()]

    def _keep(self, among: dict[str, Tunnel], name: str, tunnel: Tunnel) -> None:
        with self._lock:
            among[name] = tunnel

    def _forget(self, among: dict[str, Tunnel], name: str) -> None:
        with self._lock:
            among.pop(name, None)

    def _poster(self, name: str, peer: str) -> Post:
        return lambda word: self._post(name, peer, word)

    def _post(self, name: str, peer: str, word: Event) -> None:
        self._words.put((peer, {"tunnel": name, "from": self.channel, **word}))

    # -- the thread that speaks to Valkey: no connection waits for it

    def _publish(self) -> None:
        looked = monotonic()
        while True:
            words, ended = self._waiting()
            if monotonic() - looked > LOOK:
                words += [(peer, {}) for peer in {t.peer for _, t in self._all()}]
                looked = monotonic()
            self._say(words)
            if ended:
                return

    def _waiting(self) -> tuple[list[tuple[str, Event]], bool]:
        words: list[tuple[str, Event]] = []
        with suppress(Empty):
            word = self._words.get(timeout=LOOK)
            while word is not None:
                words.append(word)
                word = self._words.get_nowait()
            return words, True
        return words, False

    def _say(self, words: list[tuple[str, Event]]) -> None:
        if not words:
            return
        pipe = client().pipeline(transaction=False)
        for peer, word in words:
            pipe.publish(peer, json.dumps(word))
        try:
            heard = pipe.execute()
        except RedisError as error:
            log.warning("relayed connections end", why=str(error))
            self.drop()
            return
        for peer in {peer for (peer, _), n in zip(words, heard, strict=True) if not n}:
            self.drop(peer)


async def _there(tunnel: Tunnel, receive: Any) -> None:
    """What the browser sends, until it is gone."""
    while True:
        event = await receive()
        with suppress(Gone):
            await tunnel.send(_bounded(event))
        if event["type"].endswith(".disconnect"):
            return


def _bounded(event: Event) -> Event:
    """What is too large stays so, and is not carried for that."""
    most = MAX_BYTES + 1
    cut = {k: event[k][:most] for k in ("text", "bytes") if event.get(k)}
    return {**event, **cut}


async def _back(tunnel: Tunnel, kind: str, send: Any) -> None:
    """What is answered; when nothing is, the browser is to come again."""
    begun = False
    try:
        while True:
            async with asyncio.timeout(None if begun else ANSWER):
                event = await tunnel.receive()
            begun = True
            await send(event)
            if _is_last(event):
                return
    except (Gone, TimeoutError):
        if kind == "websocket":
            await send({"type": "websocket.close", "code": TRY_AGAIN})
        elif not begun:
            again = [(b"retry-after", b"2")]
            await send({"type": "http.response.start", "status": 503, "headers": again})
            await send({"type": "http.response.body", "body": b""})


def _is_last(event: Event) -> bool:
    ends = event["type"] == "http.response.body" and not event.get("more_body")
    return ends or event["type"] == "websocket.close"


def channel_of(name: str) -> str:
    """Where the process of this name hears what is for it."""
    return key("relay", name)

"""We call by SRT and take what is sent there: MPEG-TS inside."""

import asyncio
import socket
import threading
import time
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from dataclasses import dataclass
from typing import ClassVar
from urllib.parse import parse_qs, urlsplit

from meetings.media.errors import (
    MediaError,
    SourceRefused,
    SourceTimeout,
    SourceUnreachable,
)
from meetings.media.ingress import libsrt
from meetings.media.ingress.addresses import AddressPolicy
from meetings.media.ingress.base import Backoff, Ingress
from meetings.media.ingress.libsrt import SRTSocket

LATENCY_MS = 200  # for repairs of lost packets
PEER_IDLE_MS = 15_000  # silence on the wire until a connection counts as broken
CONNECT_MS = 5_000
WAKE_MS = 50  # between two looks at whether a reader should stop
BATCH = 16 * 1024  # bytes
IDLE = 20.0  # s without a byte on a connection that is alive
QUEUE = 64  # batches: 1 MiB, then the sender waits
PASSPHRASE = range(10, 80)  # characters


class Reception:
    """A connection's bytes, read on a thread, as batches on the media loop."""

    def __init__(
        self, stream: SRTSocket, call: Callable[[], None] | None = None
    ) -> None:
        self._stream = stream
        self._call = call
        self._loop = asyncio.get_running_loop()
        self._queue: asyncio.Queue[bytes | MediaError] = asyncio.Queue(QUEUE)
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name="srt", daemon=True)

    async def batches(self) -> AsyncGenerator[bytes]:
        """Until the connection ends. Raises SourceUnreachable."""
        self._thread.start()
        try:
            while isinstance(batch := await self._queue.get(), bytes):
                yield batch
            raise batch
        finally:
            self._stopped.set()
            await asyncio.to_thread(self._stream.close)  # frees who waits in it
            while self._thread.is_alive():  # it may wait for room in the queue
                while not self._queue.empty():
                    self._queue.get_nowait()
                await asyncio.sleep(0.01)

    def _run(self) -> None:
        try:
            if self._call is not None:
                self._connect(self._call)
            self._stream.set_ms(libsrt.RCVTIMEO, WAKE_MS)
            self._receive()
        except MediaError as error:
            self._put(error)

    def _connect(self, call: Callable[[], None]) -> None:
        call()
        while self._stream.is_connecting() and not self._stopped.is_set():
            self._stopped.wait(WAKE_MS / 1000)

    def _receive(self) -> None:
        batch, sent_at = bytearray(), time.monotonic()
        try:
            while not self._stopped.is_set():
                batch += self._stream.receive() or b""
                now = time.monotonic()
                if len(batch) >= BATCH or (batch and now - sent_at > WAKE_MS / 1000):
                    self._put(bytes(batch))
                    batch, sent_at = bytearray(), time.monotonic()
                elif now - sent_at > IDLE:
                    raise SourceTimeout("it is connected, and has sent nothing", IDLE)
        finally:
            if batch:  # the last of a line that broke
                self._put(bytes(batch))

    def _put(self, item: bytes | MediaError) -> None:
        """Wait until there is room for it."""
        if not self._stopped.is_set():
            asyncio.run_coroutine_threadsafe(self._queue.put(item), self._loop).result()


class SRTCaller(Ingress):
    """Calls `srt://HOST:PORT?streamid=S&passphrase=P` and takes what is sent there."""

    kind: ClassVar[str] = "srt"

    def __init__(
        self,
        id: str,
        label: str,
        url: str,
        *,
        recorded: bool = True,
        policy: AddressPolicy | None = None,
        retry: Backoff | None = None,
    ) -> None:
        super().__init__(id, label, recorded=recorded, retry=retry)
        self.url = url
        self._policy = policy or AddressPolicy()
        self._which = 0  # of its server's addresses, until one answers

    async def read(self) -> AsyncGenerator[bytes]:
        libsrt.library()
        target = parse_url(self.url)
        found = await resolve(target.host, target.port, self._policy)
        family, address = found[self._which % len(found)]
        self._which += 1
        stream = SRTSocket()

        def call() -> None:
            prepare(stream)
            stream.set_ms(libsrt.CONNTIMEO, CONNECT_MS)
            if target.stream_id:
                stream.set_text(libsrt.STREAMID, target.stream_id)
            if target.passphrase:
                stream.set_text(libsrt.PASSPHRASE, target.passphrase)
            stream.call(family, address)

        async with aclosing(Reception(stream, call).batches()) as batches:
            async for batch in batches:
                self._which = found.index((family, address))  # this one answers
                yield batch


@dataclass(frozen=True)
class SRTAddress:
    host: str
    port: int
    stream_id: str = ""
    passphrase: str = ""


def parse_url(url: str) -> SRTAddress:
    """Read an srt:// address. Raises SourceRefused."""
    try:
        parts = urlsplit(url)
        host, port, given = parts.hostname, parts.port, parse_qs(parts.query)
    except ValueError as error:
        raise SourceRefused("no valid SRT address") from error
    if parts.scheme != "srt" or not host or not port:
        raise SourceRefused("an SRT address looks like srt://host:port")
    if given.get("mode", ["caller"]) != ["caller"]:
        raise SourceRefused("only addresses that can be called are taken")
    stream_id, passphrase = (given.get(k, [""])[0] for k in ("streamid", "passphrase"))
    if passphrase and len(passphrase) not in PASSPHRASE:
        raise SourceRefused("a passphrase has 10 to 79 characters")
    return SRTAddress(host, port, stream_id, passphrase)


Found = tuple[int, tuple[object, ...]]  # family, address


async def resolve(host: str, port: int, policy: AddressPolicy) -> list[Found]:
    """The addresses that are permitted, looked up once: those very ones are called.

    Raises SourceRefused, SourceUnreachable.
    """
    loop = asyncio.get_running_loop()
    try:
        found = await loop.getaddrinfo(host, port, type=socket.SOCK_DGRAM)
    except (OSError, UnicodeError) as error:
        raise SourceUnreachable("its server's name is not known") from error
    # one is called at a time, and not every machine gets anywhere by IPv6
    found.sort(key=lambda entry: entry[0] != socket.AF_INET)
    good: list[Found] = [
        (f, to) for f, _, _, _, to in found if policy.permits(str(to[0]))
    ]
    if not good:
        raise SourceRefused(f"{host} is not a public address")
    return good


def prepare(stream: SRTSocket) -> None:
    """What both ends of ours want of a connection."""
    stream.set_ms(libsrt.RCVLATENCY, LATENCY_MS)
    stream.set_ms(libsrt.PEERIDLETIMEO, PEER_IDLE_MS)

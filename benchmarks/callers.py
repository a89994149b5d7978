"""People in a call of a running site: real WebRTC, real websockets, known words."""

import asyncio
import json
import time
from collections import defaultdict
from contextlib import suppress
from functools import cache
from typing import Any

import av
import numpy as np
import websockets

from benchmarks.call import Person
from benchmarks.figures import Event
from benchmarks.site import Seat
from meetings.media.packets import OPUS_FRAME, OPUS_RATE
from tests.fakes import FakeBrowser, FakeTrack
from transcription.speech.engine.captions import Caption

PING = 3.0  # s, as the page does
AGAIN = 1.0  # s before another try, as the page does
ANSWER = 10.0  # s for the server to answer a join
HISS = 2  # of 32,768: what a quiet room leaves of silence


@cache
def opus_of(person: Person) -> list[bytes]:
    """A person's sound as Opus packets of 20 ms."""
    encoder: Any = av.CodecContext.create("libopus", "w")
    encoder.sample_rate, encoder.layout, encoder.format = 48_000, "mono", "s16"
    encoder.bit_rate = 32_000
    # No microphone is digitally silent, and what is counts as what never came.
    floor = np.random.default_rng(1).integers(-HISS, HISS, len(person.samples))
    samples = np.clip(person.samples + floor, -32_768, 32_767).astype(np.int16)
    loud = np.repeat(samples, 3)[None, :]  # 16 to 48 kHz; speech stands it
    frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(loud), "s16", "mono")
    frame.sample_rate = 48_000
    packets = [bytes(p) for p in [*encoder.encode(frame), *encoder.encode(None)]]
    return packets[: len(person.samples) // 320]


class Voice(FakeTrack):
    """A person's sound, from its first packet on when somebody listens."""

    _begun = False

    async def recv(self) -> Any:
        if not self._begun:
            self._begun, self._due = True, time.monotonic()
        return await super().recv()


class Caller:
    """One person who stays in the call, and comes back as the page does."""

    def __init__(
        self, url: str, code: str, seat: Seat, person: Person, origin: str = ""
    ) -> None:
        """``origin``: the site's address, where ``url`` is another one."""
        self._socket_url = url.replace("http", "ws", 1) + f"/ws/room/{code}/"
        self._headers = {"Cookie": seat.cookie}
        self._origin: Any = origin or url
        self._packets = opus_of(person)
        self.seat = seat
        self.joined: list[float] = []  # wall clock of each time the sound was on
        self.lost: list[float] = []  # wall clock of each time the connection went
        self.is_in = asyncio.Event()
        self.refused: list[str] = []
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Come in, and stay until stop()."""
        self._task = asyncio.create_task(self._stay())

    async def stop(self) -> None:
        """Leave."""
        if self._task:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def _stay(self) -> None:
        while True:
            try:
                await self._visit()
            except (OSError, websockets.WebSocketException, TimeoutError, Gone) as why:
                self.refused.append(f"{type(why).__name__}: {why}"[:100])
            if self.is_in.is_set():
                self.lost.append(time.time())
                self.is_in.clear()
            await asyncio.sleep(AGAIN)

    async def _visit(self) -> None:
        browser = FakeBrowser(deaf=True)  # eight on two cores would hear too late
        sound = Voice("audio", self._packets, OPUS_FRAME, OPUS_RATE)
        browser.microphone = sound
        browser._audio.sender.replaceTrack(sound)
        try:
            async with websockets.connect(
                self._socket_url,
                additional_headers=self._headers,
                origin=self._origin,
                open_timeout=ANSWER,
                ping_interval=None,
            ) as socket:
                await self._talk(socket, browser)
        finally:
            await browser.close()

    async def _talk(self, socket: Any, browser: FakeBrowser) -> None:
        offer = json.dumps({"type": "join", "sdp": await browser.offer()})
        await socket.send(offer)
        pings = asyncio.create_task(_ping(socket))
        try:
            async with asyncio.timeout(ANSWER):
                await self._wait_for(socket, "answer", browser)
                await self._recording(socket)
            self.joined.append(time.time())
            self.is_in.set()
            while True:
                async with asyncio.timeout(2 * PING):  # a pong at least
                    message = json.loads(await socket.recv())
                ended = browser.pc.connectionState in ("failed", "closed")
                if message["type"] == "error" or ended:
                    raise Gone(str(message))
        finally:
            pings.cancel()

    async def _wait_for(self, socket: Any, kind: str, browser: FakeBrowser) -> None:
        while (message := json.loads(await socket.recv()))["type"] != kind:
            if message["type"] == "error":
                raise Gone(str(message))
        await browser.accept(message["sdp"])

    async def _recording(self, socket: Any) -> None:
        """Until the server says that this person's sound is being written."""
        while True:
            message = json.loads(await socket.recv())
            people = message.get("people", [])
            mine = [p for p in people if p["id"] == self.seat.participant]
            if mine and mine[0]["recording"]:
                return


class Gone(Exception):
    """The server said that this visit is over."""


async def _ping(socket: Any) -> None:
    with suppress(websockets.WebSocketException):
        while True:
            await asyncio.sleep(PING)
            await socket.send('{"type": "ping"}')


class Reader:
    """Somebody who reads the captions; ``events`` by participant, times on the wall."""

    def __init__(self, url: str, code: str, cookie: str, origin: str = "") -> None:
        self._url = url.replace("http", "ws", 1) + f"/ws/captions/{code}/"
        self._headers = {"Cookie": cookie}
        self._origin: Any = origin or url
        self._since = 0
        self.events: dict[int, list[Event]] = defaultdict(list)
        self.closed = 0

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            with suppress(OSError, websockets.WebSocketException, TimeoutError):
                await self._read()
            self.closed += 1
            await asyncio.sleep(AGAIN)

    async def _read(self) -> None:
        async with websockets.connect(
            f"{self._url}?since={self._since}",
            additional_headers=self._headers,
            origin=self._origin,
        ) as socket:
            async for text in socket:
                message = json.loads(text)
                if message["type"] == "caption":
                    self._since = message["seq"]
                    self.events[message["participant"]].append(_event(message))


def _event(message: dict[str, Any]) -> Event:
    caption = Caption(
        message["id"],
        message["rev"],
        message["start_ms"] / 1000,
        message["end_ms"] / 1000,
        message["stable"],
        message["interim"],
        message["final"],
        latency_ms=message["latency_ms"],
    )
    return time.time(), caption

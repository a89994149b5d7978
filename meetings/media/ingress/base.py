"""What every source that comes in from elsewhere has in common."""

import asyncio
import logging
from abc import ABC, abstractmethod
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing, suppress
from dataclasses import dataclass
from enum import Enum
from typing import ClassVar

from meetings.media.errors import MediaError, SourceTimeout, SourceUnreachable
from meetings.media.ingress.demux import OpusPacket, sniff
from meetings.media.ingress.demuxer import Demuxer
from meetings.media.ingress.stay import Stay, StayOver
from meetings.media.room import Room

logger = logging.getLogger(__name__)

STEADY = 10.0  # s of sound, after which the count of failed tries begins again
PAUSE = 3.0  # s without sound until a source is not "publishing" any more
PATIENCE = 30.0  # s without sound until this try has failed


class IngressState(Enum):
    """How a source is; the words are those of other ingress servers."""

    INACTIVE = "inactive"  # not started, or stopped
    BUFFERING = "buffering"  # connecting, waiting for sound, or for the next try
    PUBLISHING = "publishing"  # in the room
    ERROR = "error"  # given up
    COMPLETE = "complete"  # it ended by itself, or its stay in the room did


Follower = Callable[[IngressState, str], None]


@dataclass(frozen=True)
class Backoff:
    """How long to wait before the next try, in s, and how many may fail in a row."""

    first: float = 1.0
    longest: float = 30.0
    tries: int = 8

    def wait(self, failed: int) -> float:
        """Before the next try, when so many have failed."""
        return float(min(self.longest, self.first * 2 ** (failed - 1)))


@dataclass
class IngressStats:
    """`bytes` that came in, `frames` of Opus handed on, `tries` begun; `skipped`:
    pieces of the source that were left out."""

    bytes: int = 0
    frames: int = 0
    tries: int = 0
    skipped: int = 0


class Anew(Exception):
    """The source goes on with another stream: take it apart from its beginning."""


class Ingress(ABC):
    """A source that becomes a participant of a room: its sound, as Opus.

    Lives on the media loop, where its methods are called and its followers hear.
    A subclass says in `read` where the bytes come from. `id` is the participant's.
    `error`: in plain words, why there is nothing, also while it tries again.
    """

    kind: ClassVar[str]
    cushion: ClassVar[float] = 0.2  # s by which sound is held back against jitter

    def __init__(
        self,
        id: str,
        label: str,
        *,
        recorded: bool = True,
        retry: Backoff | None = None,
    ) -> None:
        self.id = id
        self.label = label
        self.recorded = recorded
        self.state = IngressState.INACTIVE
        self.error = ""
        self.stats = IngressStats()
        self._retry = retry or Backoff()
        self._followers: list[Follower] = []
        self._task: asyncio.Task[None] | None = None

    @abstractmethod
    def read(self) -> AsyncGenerator[bytes]:
        """The bytes of one try: MPEG-TS, fragmented MP4, ADTS or MP3.

        Ends where the source says that it is over. Raises SourceUnreachable when it
        may come back, any other MediaError when not, `Anew` to begin at once again.
        """

    def listen(self, follower: Follower) -> Callable[[], None]:
        """Hear each change of `state` or `error`; call the result to stop."""
        self._followers.append(follower)
        return lambda: self._followers.remove(follower)

    @property
    def runs(self) -> bool:
        """Whether it has been started, and has not ended."""
        return self.state in (IngressState.BUFFERING, IngressState.PUBLISHING)

    async def start(self, room: Room) -> None:
        """Begin; returns at once. One that runs goes on."""
        if self._task is None or self._task.done():
            self._turn(IngressState.BUFFERING)
            stay = Stay(self.id, self.label, self.recorded, room, self.cushion)
            self._task = asyncio.ensure_future(self._run(stay))

    async def wait(self) -> None:
        """Return when it has ended."""
        if self._task is not None:
            await asyncio.wait({self._task})

    async def stop(self) -> None:
        """End it and leave the room; returns when the disk has the file."""
        task, self._task = self._task, None
        if task is None:
            return
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
        if self.runs:
            self._turn(IngressState.INACTIVE)

    async def _run(self, stay: Stay) -> None:
        try:
            end = await self._outcome(stay)
            await self._depart(stay)
        except asyncio.CancelledError:
            await stay.leave()
            raise
        self._turn(*end)

    async def _outcome(self, stay: Stay) -> tuple[IngressState, str]:
        try:
            await self._try_and_retry(stay)
        except StayOver:
            pass
        except MediaError as error:
            return IngressState.ERROR, error.detail
        except Exception as error:
            logger.exception("a source of kind %s failed", self.kind)
            return IngressState.ERROR, f"it failed: {error}"
        return IngressState.COMPLETE, ""

    async def _depart(self, stay: Stay) -> None:
        """It has ended by itself: out of the room."""
        await stay.leave()

    async def _try_and_retry(self, stay: Stay) -> None:
        failed = 0
        while True:
            before = self.stats.frames
            self.stats.tries += 1
            try:
                return await self._attempt(stay)
            except Anew:
                continue
            except SourceUnreachable as gone:
                steady = self.stats.frames - before > STEADY * 50
                failed = 1 if steady else failed + 1
                if failed >= self._retry.tries:
                    raise
                self._turn(IngressState.BUFFERING, gone.detail)
            await asyncio.sleep(self._retry.wait(failed))

    async def _attempt(self, stay: Stay) -> None:
        """Connect once, and hand on what comes until it ends."""
        stay.renew()
        async with aclosing(self.read()) as chunks:
            first = await anext(chunks, b"")
            if not first:
                return
            async with Demuxer(sniff(first)) as demuxer:
                feeding = asyncio.ensure_future(self._feed(first, chunks, demuxer))
                try:
                    while (packet := await self._next(demuxer)) is not None:
                        await stay.play(packet, demuxer.waiting)
                        self.stats.frames += 1
                        self._turn(IngressState.PUBLISHING)
                    await feeding
                finally:
                    feeding.cancel()
                    await asyncio.gather(feeding, return_exceptions=True)

    async def _next(self, demuxer: Demuxer) -> OpusPacket | None:
        with suppress(TimeoutError):
            async with asyncio.timeout(PAUSE):
                return await demuxer.get()
        self._turn(IngressState.BUFFERING, "nothing comes from it")
        try:
            async with asyncio.timeout(PATIENCE - PAUSE):
                return await demuxer.get()
        except TimeoutError:
            raise SourceTimeout("no sound has come", PATIENCE) from None

    async def _feed(
        self, first: bytes, chunks: AsyncGenerator[bytes], demuxer: Demuxer
    ) -> None:
        """Hand the source's bytes to the process that takes them apart."""
        try:
            await self._hand(first, demuxer)
            async for chunk in chunks:
                await self._hand(chunk, demuxer)
        finally:
            demuxer.end()  # what it has still comes out

    async def _hand(self, chunk: bytes, demuxer: Demuxer) -> None:
        self.stats.bytes += len(chunk)
        await demuxer.feed(chunk)

    def _turn(self, state: IngressState, error: str = "") -> None:
        if (state, error) == (self.state, self.error):
            return
        self.state, self.error = state, error
        for follower in list(self._followers):
            try:
                follower(state, error)
            except Exception:
                logger.exception("a follower of a source failed")

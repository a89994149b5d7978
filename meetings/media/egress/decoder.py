import asyncio
import logging
import threading
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from queue import SimpleQueue

from meetings.media.packets import (
    OPUS_FRAME,
    OPUS_RATE,
    OPUS_SILENCE,
    opus_samples,
)
from meetings.media.pcm import PCMChunk, PCMDecoder

logger = logging.getLogger(__name__)

QUEUE_ITEMS = 1500  # 30 s of 20 ms packets between the media loop and the listeners
CLOSE_SECONDS = 2.0  # that listeners may take over the last of it

Listen = Callable[[PCMChunk], None]


@dataclass(frozen=True)
class Sound:
    """A packet whose sound starts at `t` ms, or `frames` of 20 ms without any."""

    t: int
    data: bytes = b""
    frames: int = 0


Inbox = SimpleQueue[Sound | None]


@dataclass
class Tally:
    """Samples at 48 kHz that came and were handed on."""

    heard: int = 0


def decode(
    inbox: SimpleQueue[Sound | None], listen: Listen, done: Future[None], tally: Tally
) -> None:
    """Thread: hand on what is decoded, until None."""
    done.set_running_or_notify_cancel()  # who stops waiting for it cancels nothing
    decoder = PCMDecoder()
    while (sound := inbox.get()) is not None:
        try:
            listen(_chunk(decoder, sound))
            if sound.data != OPUS_SILENCE:
                tally.heard += opus_samples(sound.data)
        except Exception:
            logger.exception("a listener to decoded sound failed")
    done.set_result(None)


def _chunk(decoder: PCMDecoder, sound: Sound) -> PCMChunk:
    if sound.frames:
        return decoder.zeros(sound.t, sound.frames * OPUS_FRAME)
    return decoder.push(sound.t, sound.data)


class DecoderSink:
    """Decodes a person's sound for its listeners, on a thread of its own.

    A listener that is slow loses sound after 30 s; nobody else waits for it.
    """

    def __init__(self, listen: Listen) -> None:
        self._inbox: Inbox = SimpleQueue()
        self._done: Future[None] = Future()
        self._shedding = False
        self._tally = Tally()
        threading.Thread(
            target=decode,
            args=(self._inbox, listen, self._done, self._tally),
            name="track-decoder",
            daemon=True,
        ).start()

    @property
    def heard_ms(self) -> int:
        """Of sound that came, and that the listeners had."""
        return self._tally.heard * 1000 // OPUS_RATE

    def write(self, t: int, data: bytes) -> None:
        """Take a packet whose sound starts at `t` ms."""
        self._put(Sound(t, data))

    def silence(self, t: int, frames: int) -> None:
        self._put(Sound(t, frames=frames))

    async def close(self) -> None:
        """Return when the listeners had everything, or have taken too long."""
        self._inbox.put(None)
        try:
            async with asyncio.timeout(CLOSE_SECONDS):
                await asyncio.wrap_future(self._done)
        except TimeoutError:
            logger.error("listeners are behind: the last sound comes late")

    def _put(self, sound: Sound) -> None:
        full = self._inbox.qsize() >= QUEUE_ITEMS
        if full and not self._shedding:
            logger.error("listeners are 30 s behind: they lose sound")
        self._shedding = full
        if not full:
            self._inbox.put(sound)

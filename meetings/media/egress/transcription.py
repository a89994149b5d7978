"""Decoded sound for whoever writes it down, live."""

import asyncio
import logging
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable

from meetings.media.events import RoomEvent, SoundBegan, SoundEnded
from meetings.media.pcm import PCM_RATE, PCMChunk
from meetings.media.room import Room

logger = logging.getLogger(__name__)

HELD = 30 * PCM_RATE  # samples that wait for who is slow; then the oldest go

Push = Callable[[str, PCMChunk], Awaitable[None]]  # participant id, chunk


class Line:
    """One person's chunks on their way to somebody slow: bounded, in order.

    `dropped` counts samples that were too much for it.
    """

    def __init__(self) -> None:
        self.dropped = 0
        self.sounds = 1  # that have begun, and not ended
        self._chunks: deque[PCMChunk] = deque()
        self._held = 0
        self._news = asyncio.Event()

    def put(self, chunk: PCMChunk) -> None:
        self._chunks.append(chunk)
        self._held += len(chunk.samples)
        while self._held > HELD:
            self.dropped += len(self._chunks[0].samples)
            self._held -= len(self._chunks.popleft().samples)
        self._news.set()

    def end_sound(self) -> None:
        self.sounds -= 1
        self._news.set()

    async def chunks(self) -> AsyncIterator[PCMChunk]:
        """What comes, until the last sound has ended."""
        while self._chunks or self.sounds > 0:
            if self._chunks:
                chunk = self._chunks.popleft()
                self._held -= len(chunk.samples)
                yield chunk
            else:
                self._news.clear()
                await self._news.wait()


class PCMEgress:
    """The recorded people of a room, each handed on by a task of their own.

    On the media loop. A subclass says in `carry` what to do with a person's line; the
    others do not wait for it, nor does what is recorded.
    """

    def __init__(self) -> None:
        self._lines: dict[str, Line] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._unlisten: list[Callable[[], None]] = []

    async def start(self, room: Room) -> None:
        """Take everybody who begins to be heard from now on."""
        self._loop = asyncio.get_running_loop()
        self._unlisten = [room.listen(self.hear), room.on_pcm(self._take)]

    async def stop(self) -> None:
        """Hand on what there is, for at most 3 s, and end."""
        for unlisten in self._unlisten:
            unlisten()
        for line in self._lines.values():
            line.sounds = 1
            line.end_sound()
        if self._tasks:
            _, late = await asyncio.wait(self._tasks, timeout=3.0)
            for task in late:
                task.cancel()

    async def carry(self, participant_id: str, line: Line) -> None:
        raise NotImplementedError

    def hear(self, event: RoomEvent) -> None:
        """An event of the room."""
        id = event.participant_id
        if isinstance(event, SoundBegan):
            if id in self._lines:
                self._lines[id].sounds += 1
            else:
                self._lines[id] = Line()
                self._spawn(id, self._lines[id])
        elif isinstance(event, SoundEnded) and (line := self._lines.get(id)):
            line.end_sound()
            if not line.sounds:
                del self._lines[id]

    def _take(self, participant_id: str, chunk: PCMChunk) -> None:
        """On the person's decoder thread."""
        self._loop.call_soon_threadsafe(self._put, participant_id, chunk)

    def _put(self, participant_id: str, chunk: PCMChunk) -> None:
        if len(chunk.samples) and (line := self._lines.get(participant_id)):
            line.put(chunk)

    def _spawn(self, participant_id: str, line: Line) -> None:
        task = asyncio.ensure_future(self._guard(participant_id, line))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _guard(self, participant_id: str, line: Line) -> None:
        try:
            await self.carry(participant_id, line)
        except Exception:
            logger.exception("sound of %s is handed on no more", participant_id)


class TranscriptionEgress(PCMEgress):
    """Awaits `push` with every chunk, in order for each person, on the media loop."""

    def __init__(self, push: Push) -> None:
        super().__init__()
        self._push = push

    async def carry(self, participant_id: str, line: Line) -> None:
        async for chunk in line.chunks():
            await self._push(participant_id, chunk)

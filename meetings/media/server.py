import asyncio
import logging
from pathlib import Path
from typing import Any

from meetings.media import aiortc_compat
from meetings.media.aiortc_compat import codecs, rtp
from meetings.media.clock import RoomClock
from meetings.media.config import MediaConfig
from meetings.media.errors import RoomClosed
from meetings.media.loop import MediaLoop
from meetings.media.room import Room

logger = logging.getLogger(__name__)

STOP_TIMEOUT = 3.0  # s for all rooms to close


class MediaServer:
    """All rooms of this process, on one media loop."""

    def __init__(self, config: MediaConfig) -> None:
        aiortc_compat.assert_supported()
        self.config = config
        self.loop = MediaLoop()
        self._rooms: dict[str, Room] = {}
        self._over: set[str] = set()  # ids of closed rooms
        self._stopped = False

    def start(self) -> None:
        """Start the media thread (any thread)."""
        aiortc_compat.ignore_strangers()
        aiortc_compat.wait_for_consent()
        rtp.route_repairs()
        codecs.take_every_h264()
        aiortc_compat.limit_gathering(self.config.gather_timeout)
        self.loop.start()

    async def stop(self) -> None:
        """Close all rooms and files within 3 s, then end the thread (any loop)."""
        if not self.loop.is_alive():
            return
        try:
            async with asyncio.timeout(STOP_TIMEOUT):
                await self.loop.call(self._close_all())
        except TimeoutError:
            logger.error("rooms did not close within %s s", STOP_TIMEOUT)
        self.loop.stop()

    async def open_room(self, id: str, record_dir: Path, origin_wall: float) -> Room:
        """The room of that id, made when it is not there (any loop).

        `record_dir` is made too. `origin_wall`: when the meeting's recording began.
        Raises RoomClosed for one that was closed, and when the server stops.
        """
        record_dir.mkdir(parents=True, exist_ok=True)
        return await self.loop.call(self._open(id, record_dir, RoomClock(origin_wall)))

    def room(self, id: str) -> Room | None:
        """The open room of that id."""
        return self._rooms.get(id)

    async def close_room(self, id: str, reason: str = "ended") -> None:
        """Everybody out and all files closed; unknown ids are no error (any loop).

        The id stays closed: who was on the way in cannot open it once more.
        """
        await self.loop.call(self._close(id, reason))

    def stats(self) -> dict[str, Any]:
        """Counts for metrics: rooms, participants, packets lost and late."""
        rooms = [room.stats() for room in list(self._rooms.values())]
        keys = ("participants", "packets_lost", "packets_late")
        return {"rooms": len(rooms)} | {k: sum(r[k] for r in rooms) for k in keys}

    async def _open(self, id: str, record_dir: Path, clock: RoomClock) -> Room:
        if self._stopped or id in self._over:
            raise RoomClosed(id)
        if id not in self._rooms:
            self._rooms[id] = Room(id, self.config, record_dir, clock)
        return self._rooms[id]

    async def _close(self, id: str, reason: str) -> None:
        self._over.add(id)
        if (room := self._rooms.pop(id, None)) is not None:
            await room.close(reason)

    async def _close_all(self) -> None:
        self._stopped = True
        rooms, self._rooms = self._rooms, {}
        await asyncio.gather(*(room.close() for room in rooms.values()))

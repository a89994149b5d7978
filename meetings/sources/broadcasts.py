"""Calls that can be heard by link: live HLS of those that this process holds.

The files lie where the front hands them out by itself, whatever the number of those who
listen; the token is the name of their folder.
"""

import shutil
import threading
import time
from pathlib import Path

import structlog
from asgiref.sync import async_to_sync

from meetings.media.egress.live_hls import LiveHLS
from meetings.media.server import MediaServer
from meetings.models import Outlet
from meetings.rooms.calls import Rooms
from meetings.sources.outlets import token_of

log = structlog.get_logger(__name__)

FORSAKEN = 60.0  # s without a new segment: whoever wrote there was killed


class Broadcasts:
    """Does as the rows say; one look at a time."""

    def __init__(self, server: MediaServer, rooms: Rooms, folder: Path) -> None:
        self._server = server
        self._rooms = rooms
        self._folder = folder
        self._live: dict[str, tuple[int, LiveHLS]] = {}  # token -> meeting, stream
        self._lock = threading.Lock()
        self._stopped = False

    def look(self, meeting_id: int) -> None:
        """Begin and end what is to be heard of a meeting. From a thread."""
        rows = Outlet.objects.filter(meeting=meeting_id, kind=Outlet.Kind.HLS)
        usable = (row for row in rows.select_related("meeting") if row.is_usable)
        wanted = {token_of(row) for row in usable}
        with self._lock:
            if self._stopped:  # and with it the loop that would answer
                return
            self._end([t for t in self._of(meeting_id) if t not in wanted])
            async_to_sync(self._rooms.set_heard)(meeting_id, bool(wanted))
            for token in wanted - self._live.keys():
                self._begin(meeting_id, token)

    def end(self, meeting_id: int) -> None:
        """The call is over, or another process holds it."""
        with self._lock:
            self._end(self._of(meeting_id))

    def stop(self) -> None:
        """The process ends, and all streams with it."""
        with self._lock:
            self._stopped = True
            self._end(list(self._live))

    def sweep(self) -> None:
        """Remove what a process that was killed has left."""
        limit = time.time() - FORSAKEN
        found = self._folder.iterdir() if self._folder.is_dir() else ()
        for folder in found:
            try:
                if folder.name not in self._live and folder.stat().st_mtime < limit:
                    shutil.rmtree(folder)
            except OSError as error:
                log.warning("a stream stays on the disk", error=str(error))

    def _of(self, meeting_id: int) -> list[str]:
        return [token for token, (of, _) in self._live.items() if of == meeting_id]

    def _begin(self, meeting_id: int, token: str) -> None:
        room = self._server.room(str(meeting_id))
        if room is None:
            return  # it begins with the room
        stream = LiveHLS(room, self._folder / token)
        try:
            stream.start()
        except OSError as error:
            log.error("a call cannot be heard by link", error=str(error))
            return
        self._live[token] = (meeting_id, stream)

    def _end(self, tokens: list[str]) -> None:
        for token in tokens:
            self._live.pop(token)[1].stop()

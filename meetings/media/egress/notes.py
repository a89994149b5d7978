import asyncio
import logging
import threading
from concurrent.futures import Future
from dataclasses import asdict
from pathlib import Path
from queue import SimpleQueue

from meetings.media.egress.manifest import RecordingManifest
from meetings.media.events import (
    Compared,
    Interrupted,
    Joined,
    Left,
    MutedChanged,
    PictureSize,
    RecordedChanged,
    RecordingFailed,
    Resumed,
    RoomEvent,
    RoundTrip,
    SharingChanged,
)

logger = logging.getLogger(__name__)

NAMES: dict[type[RoomEvent], str] = {
    Joined: "joined",
    Left: "left",
    Interrupted: "interrupted",
    Resumed: "resumed",
    RecordedChanged: "consent",
    MutedChanged: "muted",
    SharingChanged: "sharing",
    PictureSize: "resolution",
    RecordingFailed: "failed",
    Compared: "compared",
    RoundTrip: "round_trip",
}
LEFT_OUT = ("room_id", "label", "session_id")  # names and secrets stand in no file


CLOSE_SECONDS = 2.0  # that the disk may take over the last of them

Inbox = SimpleQueue[RoomEvent | None]


def write_notes(record_dir: Path, inbox: Inbox, done: "Future[None]") -> None:
    """Thread: write what happens until None; what the disk refuses is logged."""
    done.set_running_or_notify_cancel()  # who stops waiting for it cancels nothing
    manifest = RecordingManifest(record_dir)
    while (event := inbox.get()) is not None:
        about = {k: v for k, v in asdict(event).items() if k not in LEFT_OUT}
        try:
            manifest.note(NAMES[type(event)], about)
        except OSError as error:
            logger.warning("%s is not in the manifest: %s", type(event), error)
    done.set_result(None)


class ManifestNotes:
    """Writes beside the segments what happened around them, so that a mix can be made
    and judged from the folder alone: who came and went, agreed, was muted, was away,
    what the disk did not take, and whether file and captions had the same.

    Hears on the media loop, which waits for no disk.
    """

    def __init__(self, record_dir: Path) -> None:
        self._inbox: Inbox = SimpleQueue()
        self._done: Future[None] = Future()
        threading.Thread(
            target=write_notes,
            args=(record_dir, self._inbox, self._done),
            name="manifest-notes",
            daemon=True,
        ).start()

    def hear(self, event: RoomEvent) -> None:
        """An event of the room."""
        if isinstance(event, Compared) and event.apart:
            logger.error(
                "%s: the file has %d ms of sound, captions had %d",
                event.participant_id,
                event.written_ms,
                event.heard_ms,
            )
        if type(event) in NAMES:
            self._inbox.put(event)

    async def close(self) -> None:
        """Return when all is written, or the disk takes too long."""
        self._inbox.put(None)
        try:
            async with asyncio.timeout(CLOSE_SECONDS):
                await asyncio.wrap_future(self._done)
        except TimeoutError:
            logger.error("the disk is behind: the last notes come late")

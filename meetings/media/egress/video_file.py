import queue
import shutil
import threading
import time
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass, replace
from errno import ENOSPC
from pathlib import Path
from typing import NamedTuple

from meetings.media.egress.manifest import RecordingManifest
from meetings.media.events import Segment
from meetings.media.writers import PictureWriter, sha256

QUEUE_PICTURES = 600  # 30 s of 20 a second between the media loop and the disk
LOOK_INTERVAL = 1.0  # s between two looks at what is free


class Picture(NamedTuple):
    data: bytes
    at_ms: int
    keyframe: bool


Inbox = queue.SimpleQueue[Picture | None]


@dataclass(frozen=True)
class Written:
    """A file that is closed, and why where nobody asked for it."""

    segment: Segment
    error: OSError | None = None


class Reserve:
    """What pictures leave free on the disk: sound is written to the end."""

    def __init__(self, folder: Path, size: int) -> None:
        self._folder = folder
        self._size = size
        self._next = 0.0

    def check(self) -> None:
        """Raise OSError (ENOSPC) when there is no more room for pictures."""
        if time.monotonic() < self._next:
            return
        self._next = time.monotonic() + LOOK_INTERVAL
        free = shutil.disk_usage(self._folder).free
        if free < self._size:
            raise OSError(ENOSPC, f"{free >> 20} MB are left, kept for sound")


def write_video(
    record_dir: Path,
    segment: Segment,
    reserve: int,
    inbox: Inbox,
    begun: "Future[None]",
    done: "Future[Written]",
) -> None:
    """Thread: write the file and its manifest lines until None."""
    for future in (begun, done):
        future.set_running_or_notify_cancel()
    try:
        done.set_result(_write(record_dir, segment, reserve, inbox, begun))
    except Exception as error:  # whatever it was, the room must hear of it
        if not begun.done():
            with suppress(OSError):
                (record_dir / segment.file).unlink(missing_ok=True)
            begun.set_exception(error)
        done.set_exception(error)


def _write(
    record_dir: Path,
    segment: Segment,
    reserve: int,
    inbox: Inbox,
    begun: "Future[None]",
) -> Written:
    room = Reserve(record_dir, reserve)
    room.check()
    first = inbox.get()
    if first is None:
        raise ValueError("no picture came")
    manifest = RecordingManifest(record_dir)
    writer = PictureWriter(record_dir / segment.file, segment.codec, first.data)
    manifest.append(segment)
    error = None
    try:
        picture: Picture | None = first
        while picture is not None:
            writer.write(*picture)
            if not begun.done():
                begun.set_result(None)
            room.check()
            picture = inbox.get()
    except OSError as reason:
        error = reason
    return Written(_close(writer, manifest, segment), error)


def _close(
    writer: PictureWriter, manifest: RecordingManifest, segment: Segment
) -> Segment:
    """End the file; raises OSError where the disk has no room for that either."""
    writer.close()
    closed = replace(
        segment,
        state="closed",
        duration_ms=writer.duration_ms,
        sha256=sha256(writer.path),
    )
    manifest.append(closed)
    return closed


class OpenVideo:
    """The media loop's side of a file of pictures that is being written."""

    def __init__(self, record_dir: Path, about: Segment, reserve: int) -> None:
        self.about = about
        self.begun: Future[None] = Future()
        self.done: Future[Written] = Future()
        self._inbox: Inbox = queue.SimpleQueue()
        self._last_ms = -1
        threading.Thread(
            target=write_video,
            args=(record_dir, about, reserve, self._inbox, self.begun, self.done),
            name="video-writer",
            daemon=True,
        ).start()

    def write(self, data: bytes, at_ms: int, keyframe: bool) -> bool:
        """Append a picture; False when the disk is too far behind."""
        if self.done.done():
            return True  # it has ended, and says so itself
        if self._inbox.qsize() >= QUEUE_PICTURES:
            return False
        self._last_ms = max(at_ms, self._last_ms + 1)
        self._inbox.put(Picture(data, self._last_ms, keyframe))
        return True

    def finish(self) -> None:
        self._inbox.put(None)

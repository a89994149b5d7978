import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import av

from meetings.media.egress.grid import PictureFile
from meetings.media.errors import MediaError, NotMedia
from meetings.media.opening import open_media

logger = logging.getLogger(__name__)


LARGEST = 1920, 1080  # px: what every player shows


def size_of(path: Path) -> tuple[int, int]:
    """Width and height as a file says, even, at most LARGEST. Raises NotMedia."""
    with open_media(path) as container:
        if not container.streams.video:
            raise NotMedia("no picture in it")
        context = container.streams.video[0].codec_context
        width, height = context.width, context.height
    if not width or not height:
        raise NotMedia("no size")
    scale = min(1.0, LARGEST[0] / width, LARGEST[1] / height)
    return _even(width * scale), _even(height * scale)


def _even(size: float) -> int:
    return max(16, round(size / 4) * 4)  # rows of colours fill the encoder's, too


class Showing:
    """What a recorded camera or screen shows as time goes on; one picture is held.

    What cannot be decoded is passed by: the picture before it stands.
    """

    def __init__(self, file: PictureFile) -> None:
        self.file = file
        self._container: Any = None
        self._frames: Iterator[tuple[int, Any]] | None = None
        self._next: tuple[int, Any] | None = None
        self.frame: Any = None  # the picture of now; None before the first

    def go_to(self, at_ms: int) -> bool:
        """Show the picture of this time, not before the one of last time; whether it
        is another one."""
        if self._frames is None:
            self._frames = self._open(at_ms)
            self._next = next(self._frames, None)
        before = self.frame
        while self._next and self._next[0] <= at_ms:
            self.frame = self._next[1]
            self._next = next(self._frames, None)
        return self.frame is not before

    def close(self) -> None:
        if self._container is not None:
            self._container.close()
        self._frames = iter(())
        self._next = self.frame = None

    def _open(self, at_ms: int) -> Iterator[tuple[int, Any]]:
        try:
            self._container = open_media(self.file.path)
            stream = self._container.streams.video[0]
            stream.codec_context.thread_count = 1
            if at_ms > self.file.offset_ms:
                inside = (at_ms - self.file.offset_ms) / 1000
                self._container.seek(round(inside / stream.time_base), stream=stream)
        except (MediaError, av.FFmpegError, IndexError) as error:
            logger.warning("%s is not shown: %s", self.file.path.name, error)
            return iter(())
        return self._decode(stream)

    def _decode(self, stream: Any) -> Iterator[tuple[int, Any]]:
        packets = self._container.demux(stream)
        while True:
            try:
                packet = next(packets, None)
            except av.FFmpegError as error:
                logger.warning("%s breaks off: %s", self.file.path.name, error)
                return
            if packet is None:
                return
            for frame in _frames(packet):
                if frame.pts is not None:
                    ms = round(frame.pts * stream.time_base * 1000)
                    yield self.file.offset_ms + ms, frame


def _frames(packet: Any) -> list[Any]:
    try:
        return list(packet.decode())
    except av.FFmpegError:  # after a loss, until the next key frame
        return []

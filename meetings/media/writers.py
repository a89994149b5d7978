import hashlib
import io
import os
import time
from fractions import Fraction
from pathlib import Path
from typing import Any

import av

from meetings.media.packets import OPUS_RATE, opus_samples
from meetings.media.pictures import PICTURES

SYNC_INTERVAL = 5.0  # s between fsyncs: what a power cut may cost

# Container options, each with what a kill -9 costs with it. FFmpeg's own defaults
# keep a whole file of speech in a 32 kB buffer and lose all of it.
CRASH_SAFE_WEBM = {"cluster_time_limit": "300", "flush_packets": "1"}  # 0.3 s
CRASH_SAFE_OGG = {"page_duration": "200000", "flush_packets": "1"}  # 0.22 s
CRASH_SAFE_MP4 = {  # 0.3 s; once it is closed it is an MP4 without fragments
    "movflags": "hybrid_fragmented",
    "frag_duration": "300000",  # us
    "flush_packets": "1",
}
CONTAINERS = {"vp8": ("webm", CRASH_SAFE_WEBM), "h264": ("mp4", CRASH_SAFE_MP4)}


def opus_stream(container: Any, channels: int = 1) -> Any:
    """Add an Opus stream to copy packets into; nothing is encoded."""
    layout = "mono" if channels == 1 else "stereo"
    return container.add_stream("libopus", rate=OPUS_RATE, layout=layout)


def opus_packet(stream: Any, data: bytes, position: int) -> Any:
    """A packet for `stream`; `position` in samples at 48 kHz from the file's start."""
    packet = av.Packet(data)
    packet.stream = stream
    packet.time_base = Fraction(1, OPUS_RATE)
    packet.pts = packet.dts = position
    packet.duration = opus_samples(data)
    packet.is_keyframe = True
    return packet


class OggOpusWriter:
    """An Ogg file of Opus packets that stays readable when the process is killed.

    Packets are laid end to end: gaps are the caller's to fill, with OPUS_SILENCE.
    """

    def __init__(self, path: Path, page_ms: int = 200) -> None:
        self.path = path
        self.samples = 0
        options = CRASH_SAFE_OGG | {"page_duration": str(page_ms * 1000)}
        self._container = av.open(str(path), "w", format="ogg", options=options)
        self._stream = opus_stream(self._container)
        self._synced_at = time.monotonic()

    @property
    def duration_ms(self) -> int:
        return self.samples * 1000 // OPUS_RATE

    def write(self, data: bytes, times: int = 1) -> None:
        """Append a packet, `times` over. Raises OSError when the disk refuses it."""
        for _ in range(times):
            self._container.mux(opus_packet(self._stream, data, self.samples))
            self.samples += opus_samples(data)
        if time.monotonic() - self._synced_at > SYNC_INTERVAL:
            self._sync()

    def close(self) -> None:
        self._container.close()
        sync(self.path)

    def _sync(self) -> None:
        self._synced_at = time.monotonic()
        sync(self.path)


class PictureWriter:
    """A file of pictures, copied as they were encoded, that stays readable when the
    process is killed: WebM of VP8, MP4 of H.264.

    Once it is closed it has its length and an index to seek by.
    """

    def __init__(self, path: Path, codec: str, first: bytes | Any) -> None:
        """`first`: the first picture, a key frame, or a stream of PyAV that is copied.
        Raises ValueError for a picture without the head of one."""
        self.path = path
        self.frames = 0
        self._last_ms = -1
        self._step_ms = 0  # from the last picture but one to the last
        kind, options = CONTAINERS[codec]
        size = PICTURES[codec].size(first) if isinstance(first, bytes) else (0, 0)
        self._container: Any = av.open(str(path), "w", format=kind, options=options)
        self._stream = self._add(codec, first, *size)
        self._stream.time_base = Fraction(1, 1000)
        self._synced_at = time.monotonic()

    def _add(self, codec: str, first: bytes | Any, width: int, height: int) -> Any:
        """The stream to copy into; nothing is encoded."""
        if not isinstance(first, bytes):
            return self._container.add_stream_from_template(first)
        if codec == "vp8":  # all that its container says of it
            return self._container.add_mux_stream(codec, width=width, height=height)
        with av.open(io.BytesIO(first), format=codec) as picture:
            return self._container.add_stream_from_template(picture.streams.video[0])

    @property
    def duration_ms(self) -> int:
        """The last picture stands as long as the one before it."""
        return self._last_ms + self._step_ms if self.frames else 0

    def write(self, data: bytes, at_ms: int, keyframe: bool) -> None:
        """Append a picture of a time after the one before. Raises OSError when the
        disk refuses it."""
        packet = av.Packet(data)
        packet.stream = self._stream
        packet.time_base = Fraction(1, 1000)
        packet.pts = packet.dts = at_ms
        packet.is_keyframe = keyframe
        self._container.mux(packet)
        self._step_ms = at_ms - self._last_ms if self.frames else 0
        self._last_ms = at_ms
        self.frames += 1
        if time.monotonic() - self._synced_at > SYNC_INTERVAL:
            self._synced_at = time.monotonic()
            sync(self.path)

    def close(self) -> None:
        self._container.close()
        sync(self.path)


def sync(path: Path) -> None:
    """fsync a file or a folder."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()

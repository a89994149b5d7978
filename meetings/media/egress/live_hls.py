"""The sound of a room as a live HLS stream: files that any web server hands out.

What is heard is what is decoded: recorded people, as for captions, and the tabs that
they share, mono at 16 kHz. Segments are numbered and timed by the room's clock, so that
another process goes on where one was killed.
"""

import logging
import os
import shutil
import threading
from pathlib import Path
from typing import Any

import av
import numpy as np
from numpy.typing import NDArray

from meetings.media.clock import wall_now
from meetings.media.egress.composite import soften
from meetings.media.pcm import PCM_RATE, PCMChunk
from meetings.media.room import Room

logger = logging.getLogger(__name__)

FRAME = 1024  # samples of an AAC frame
SEGMENT = 32 * FRAME  # samples, 2.048 s
LISTED = 6  # segments of the playlist
KEPT = 10  # on the disk: who has read an older playlist still gets what it lists
DELAY = 1.5  # s that decoded sound may be late
EVERY = 0.5  # s between two looks
HELD = 30 * PCM_RATE  # samples that wait at most
BIT_RATE = 40_000
PLAYLIST = "live.m3u8"
TIMESTAMP = b"com.apple.streaming.transportStreamTimestamp\0"


class Mixer:
    """Adds up what people say, each on a thread of their own."""

    def __init__(self, at: int) -> None:
        self.at = at  # sample of the room's clock that comes next
        self._sum = np.zeros(HELD, np.int32)
        self._lock = threading.Lock()

    def add(self, chunk: PCMChunk) -> None:
        """What is too late, or too far ahead, is left out."""
        with self._lock:
            begin = chunk.t * PCM_RATE // 1000 - self.at
            end = min(begin + len(chunk.samples), HELD)
            if end > 0 and begin < HELD:
                part = chunk.samples[max(0, -begin) : end - begin]
                self._sum[max(0, begin) : end] += part

    def take(self, size: int) -> NDArray[np.float32]:
        """The next samples, -1..1, at most HELD."""
        with self._lock:
            mixed = self._sum[:size].astype(np.float32) / np.float32(32768)
            self._sum = np.concatenate([self._sum[size:], np.zeros(size, np.int32)])
            self.at += size
        return soften(mixed)

    def skip(self, at: int) -> None:
        """Go on from there: nobody took anything for long."""
        with self._lock:
            self.at = at
            self._sum[:] = 0


class LiveHLS:
    """Writes `live.m3u8` and its segments into a folder, which is gone once it is
    stopped. One thread for a room; a full disk costs segments, and nothing else."""

    def __init__(self, room: Room, folder: Path) -> None:
        self._room = room
        self._folder = folder
        self._mixer = Mixer(0)
        self._encoder = _encoder()
        self._segments: list[tuple[int, bool]] = []  # number, after a break
        self._breaks = 0
        self._broken = False
        self._failing = False
        self._stop = threading.Event()
        self._unsubscribe = [
            subscribe(lambda who, chunk: self._mixer.add(chunk))
            for subscribe in (room.on_pcm, room.on_shared_pcm)
        ]
        self._thread = threading.Thread(target=self._run, name="live-hls", daemon=True)

    def start(self) -> None:
        """From the next segment of the room's clock on. Raises OSError."""
        self._folder.mkdir(parents=True, exist_ok=True)
        self._mixer.skip(-(-self._now() // SEGMENT) * SEGMENT)
        self._thread.start()

    def stop(self) -> None:
        """Nothing is left of it afterwards. From any thread."""
        for unsubscribe in self._unsubscribe:
            unsubscribe()
        self._stop.set()
        self._thread.join()
        shutil.rmtree(self._folder, ignore_errors=True)

    def _now(self) -> int:
        return self._room.clock.at(wall_now()) * PCM_RATE // 1000

    def _run(self) -> None:
        while not self._stop.wait(EVERY):
            try:
                self.catch_up(self._now() - round(DELAY * PCM_RATE))
                self._failing = False
            except OSError as error:
                self._broken = True
                if not self._failing:
                    logger.error("a room cannot be heard by link: %s", error)
                self._failing = True
            except Exception:
                logger.exception("a segment of a live stream failed")

    def catch_up(self, until: int) -> None:
        """Write all segments that end before a sample of the room's clock."""
        if until - self._mixer.at > HELD:  # this process was held up
            self._mixer.skip(until // SEGMENT * SEGMENT)
            self._broken = True
        while self._mixer.at + SEGMENT <= until:
            self._write_next()

    def _write_next(self) -> None:
        number = self._mixer.at // SEGMENT
        data = timestamp(self._mixer.at) + self._encode(self._mixer.take(SEGMENT))
        self._put(f"{number}.aac", data)
        self._segments.append((number, self._broken))
        self._broken = False
        for old, _ in self._segments[:-KEPT]:
            (self._folder / f"{old}.aac").unlink(missing_ok=True)
        self._segments = self._segments[-KEPT:]
        listed = self._segments[-LISTED:]
        self._put(PLAYLIST, playlist(listed, self._breaks).encode())
        if len(self._segments) >= LISTED:
            self._breaks += listed[0][1]

    def _put(self, name: str, data: bytes) -> None:
        part = self._folder / f"{name}.part"
        part.write_bytes(data)
        os.replace(part, self._folder / name)

    def _encode(self, samples: NDArray[np.float32]) -> bytes:
        out = []
        for begin in range(0, len(samples), FRAME):
            part = np.ascontiguousarray(samples[None, begin : begin + FRAME])
            frame = av.AudioFrame.from_ndarray(part, "fltp", "mono")
            frame.sample_rate = PCM_RATE
            out += [adts(bytes(packet)) for packet in self._encoder.encode(frame)]
        return b"".join(out)


def _encoder() -> Any:
    encoder: Any = av.CodecContext.create("aac", "w")
    encoder.sample_rate, encoder.layout, encoder.format = PCM_RATE, "mono", "fltp"
    encoder.bit_rate = BIT_RATE
    encoder.thread_count = 1
    return encoder


def adts(data: bytes) -> bytes:
    """An AAC-LC frame of 16 kHz mono with its header (ISO 14496-3, 1.A.2.2)."""
    size = len(data) + 7
    head = (0xFF, 0xF1, 0x60, 0x40 | size >> 11, size >> 3 & 0xFF, (size & 7) << 5 | 31)
    return bytes((*head, 0xFC)) + data


def timestamp(sample: int) -> bytes:
    """The ID3 tag that says when a segment begins (RFC 8216, 3.4)."""
    ticks = sample * 90_000 // PCM_RATE % (1 << 33)
    body = TIMESTAMP + ticks.to_bytes(8, "big")
    frame = b"PRIV" + len(body).to_bytes(4, "big") + b"\0\0" + body
    return b"ID3\4\0\0" + len(frame).to_bytes(4, "big") + frame  # both below 128


def playlist(segments: list[tuple[int, bool]], breaks: int) -> str:
    """RFC 8216; the number of a segment is its media sequence number."""
    lines = [
        "#EXTM3U",
        "#EXT-X-VERSION:3",
        f"#EXT-X-TARGETDURATION:{round(SEGMENT / PCM_RATE)}",
        f"#EXT-X-MEDIA-SEQUENCE:{segments[0][0]}",
        f"#EXT-X-DISCONTINUITY-SEQUENCE:{breaks}",
    ]
    for number, after_break in segments:
        if after_break:
            lines.append("#EXT-X-DISCONTINUITY")
        lines += [f"#EXTINF:{SEGMENT / PCM_RATE:.3f},", f"{number}.aac"]
    return "\n".join(lines) + "\n"

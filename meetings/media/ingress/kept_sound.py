"""Sound that a browser kept while it could not send, handed in as slices.

A slice is one stretch without a hole: for each Opus packet of 20 ms its time on the
room clock (ms, 4 bytes), its length (2 bytes), both big-endian, and the packet.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from meetings.media.errors import NotKeptSound
from meetings.media.packets import OPUS_FRAME, OPUS_RATE, OPUS_SILENCE, opus_samples
from meetings.media.pcm import OpusDecoder
from meetings.media.writers import OggOpusWriter

MAX_BYTES = 1024 * 1024  # of a slice
MAX_PACKET = 1275  # bytes (RFC 6716, 3.4)
FRAME_MS = 20
HOLE_MS = 100  # from which on the next packet is of another stretch
HEAD = struct.Struct(">IH")


@dataclass(frozen=True)
class KeptSlice:
    """Packets with the room times (ms) at which each begins, in order."""

    packets: tuple[tuple[int, bytes], ...]

    @property
    def start_ms(self) -> int:
        return self.packets[0][0]

    @property
    def end_ms(self) -> int:
        return self.packets[-1][0] + FRAME_MS


def read_slice(data: bytes) -> KeptSlice:
    """A slice that can be decoded. Raises NotKeptSound."""
    packets = tuple(_packets(data))
    if not packets:
        raise NotKeptSound("there is no packet in it")
    for (before, _), (at, _) in zip(packets, packets[1:], strict=False):
        if not 0 < at - before <= FRAME_MS + HOLE_MS:
            raise NotKeptSound(f"{at} ms does not follow {before} ms")
    start, end = packets[0][0], packets[-1][0]
    if (end - start) // FRAME_MS + HOLE_MS // FRAME_MS < len(packets) - 1:
        raise NotKeptSound("there is more sound in it than time")
    _decode(packets)
    return KeptSlice(packets)


def _packets(data: bytes) -> Iterator[tuple[int, bytes]]:
    at = 0
    while at < len(data):
        if len(data) - at < HEAD.size:
            raise NotKeptSound("it breaks off")
        time, length = HEAD.unpack_from(data, at)
        at += HEAD.size
        packet = data[at : at + length]
        at += length
        if len(packet) < length:
            raise NotKeptSound("it breaks off")
        if length > MAX_PACKET or opus_samples(packet) != OPUS_FRAME:
            raise NotKeptSound("expected Opus packets of 20 ms")
        yield time, packet


def _decode(packets: tuple[tuple[int, bytes], ...]) -> None:
    decoder = OpusDecoder()
    for at, data in packets:
        if not len(decoder.decode(data)):
            raise NotKeptSound(f"the packet at {at} ms cannot be decoded")


def write_slice(path: Path, kept: KeptSlice) -> int:
    """Lay a slice into an Ogg file, each packet at its time; the duration in ms.

    Raises OSError.
    """
    writer = OggOpusWriter(path)
    try:
        for at, data in kept.packets:
            due = (at - kept.start_ms) * OPUS_RATE // 1000
            writer.write(OPUS_SILENCE, max(0, due - writer.samples) // OPUS_FRAME)
            writer.write(data)
    finally:
        writer.close()
    return writer.duration_ms

import logging
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import av
import numpy as np
from numpy.typing import NDArray

from meetings.media.errors import MediaError
from meetings.media.opening import open_audio
from meetings.media.packets import OPUS_FRAME, OPUS_RATE, OPUS_SILENCE, opus_samples
from meetings.media.pcm import (
    BLOCK_SECONDS,
    PCM_RATE,
    OpusDecoder,
    PCMDecoder,
    Samples,
)
from meetings.media.writers import opus_packet, opus_stream, sync

logger = logging.getLogger(__name__)

# An index at the front lets a browser seek without fetching the end of the file first
INDEX_FIRST = {
    "webm": {"cues_to_front": "1"},
    "ipod": {"movflags": "faststart"},  # FFmpeg's name for M4A
    "mp4": {"movflags": "faststart"},
}

Block = NDArray[np.float32]


@dataclass(frozen=True)
class TrackFile:
    """A piece of one person's sound, Ogg Opus; several may share a key.

    `offset_ms`: where it begins on the room clock. `handed_in`: it came afterwards, and
    is heard where the others are silent.
    """

    key: str
    path: Path
    offset_ms: int
    handed_in: bool = False


class WholeFile:
    """A container that stands under its name only once it is complete and synced."""

    def __init__(self, path: Path, container: str = "webm") -> None:
        self.path = path
        self._part = path.with_name(path.name + ".part")
        self.container: Any = av.open(
            str(self._part), "w", format=container, options=INDEX_FIRST[container]
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if kind is None:
            self.finish()
        self.container.close()
        if kind is not None:
            return self._part.unlink(missing_ok=True)
        sync(self._part)
        os.replace(self._part, self.path)

    def finish(self) -> None:
        """Write what is still held back."""


class Stem(WholeFile):
    """One person's sound from room time 0 on: packets copied out, samples handed on."""

    def __init__(self, path: Path, files: Sequence[TrackFile]) -> None:
        super().__init__(path)
        self._stream = opus_stream(self.container)
        self._packets = aligned_packets(files)
        self._decoder = OpusDecoder()
        self._position = 0
        self._pending: list[Block] = []

    def read(self, size: int) -> Block:
        """The next `size` samples at 48 kHz, -1..1; their packets go to the file."""
        while sum(map(len, self._pending)) < size:
            self._pending.append(self._copy(next(self._packets)))
        samples = np.concatenate(self._pending)
        self._pending = [samples[size:]]
        return samples[:size]

    def _copy(self, data: bytes) -> Block:
        self.container.mux(opus_packet(self._stream, data, self._position))
        length = opus_samples(data)
        self._position += length
        if data == OPUS_SILENCE:
            return np.zeros(OPUS_FRAME, np.float32)
        samples = self._decoder.decode(data).astype(np.float32) / np.float32(32768)
        return np.resize(samples, length) if len(samples) else np.zeros(length, "f4")


def aligned_packets(files: Sequence[TrackFile]) -> Iterator[bytes]:
    """Opus packets of a person from room time 0 on, without end: silence where
    nothing was recorded, the earlier file where two overlap, and what was handed in
    afterwards in the place of silence."""
    late = _placed([file for file in files if file.handed_in])
    waiting = next(late, None)
    done = 0
    for data in _end_to_end([file for file in files if not file.handed_in]):
        if data == OPUS_SILENCE:
            while waiting and waiting[0] + OPUS_FRAME // 2 <= done:
                waiting = next(late, None)  # it came too late, or there is sound
            if waiting and waiting[0] <= done + OPUS_FRAME // 2:
                data, waiting = waiting[1], next(late, None)
        yield data
        done += opus_samples(data)


def _placed(files: Sequence[TrackFile]) -> Iterator[tuple[int, bytes]]:
    """Packets with their positions, in samples from room time 0, file after file."""
    for file in sorted(files, key=lambda file: file.offset_ms):
        position = file.offset_ms * OPUS_RATE // 1000
        for data in opus_packets(file.path):
            yield position, data
            position += opus_samples(data)


def _end_to_end(files: Sequence[TrackFile]) -> Iterator[bytes]:
    done = 0
    for file in sorted(files, key=lambda file: file.offset_ms):
        position = file.offset_ms * OPUS_RATE // 1000
        while position - done >= OPUS_FRAME:
            yield OPUS_SILENCE
            done += OPUS_FRAME
        for data in opus_packets(file.path):
            if done - position < OPUS_FRAME:
                yield data
                done += opus_samples(data)
            position += opus_samples(data)
    while True:
        yield OPUS_SILENCE


def together(files: Sequence[TrackFile], duration_ms: int) -> Iterator[Samples]:
    """A person's files as they are heard, from room time 0 on: int16 mono at 16 kHz,
    about a second at a time."""
    decoder = PCMDecoder()
    left, held = duration_ms * OPUS_RATE // 1000, [np.empty(0, np.int16)]
    packets = aligned_packets(files)
    while left > 0:
        data = next(packets)
        size = opus_samples(data)
        silent = data == OPUS_SILENCE
        chunk = decoder.zeros(0, size) if silent else decoder.push(0, data)
        held.append(chunk.samples)
        left -= size
        if left <= 0 or sum(map(len, held)) >= BLOCK_SECONDS * PCM_RATE:
            yield np.concatenate(held)
            held = []


def opus_packets(path: Path) -> Iterator[bytes]:
    """The Opus packets of a file up to where it can be read; none of any other file."""
    try:
        container, stream = open_audio(path)
    except MediaError as error:
        logger.warning("%s left out: %s", path.name, error.detail)
        return
    with container:
        try:
            for packet in container.demux(stream):
                if opus_samples(data := bytes(packet)):
                    yield data
        except av.FFmpegError as error:
            logger.warning("%s breaks off: %s", path.name, error)


def length_ms(path: Path) -> int:
    """How much sound a file has, by its packets."""
    samples = sum(opus_samples(data) for data in opus_packets(path))
    return samples * 1000 // OPUS_RATE

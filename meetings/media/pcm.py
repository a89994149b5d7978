from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import av
import numpy as np
from numpy.typing import NDArray

from meetings.media.opening import open_audio
from meetings.media.packets import OPUS_RATE
from meetings.media.sound import StreamSound
from meetings.media.timeline import zero_of

PCM_RATE = 16_000  # Hz, what VAD and Whisper hear
BLOCK_SECONDS = 1.0  # of a file at a time
STUMBLES = 20  # broken places in a row after which a file is not read on

Samples = NDArray[np.int16]


@dataclass(frozen=True)
class PCMChunk:
    """`samples`: int16 mono at 16 kHz. `t`: ms on the room clock of the first one."""

    t: int
    samples: Samples


class OpusDecoder:
    """Opus packets to int16 mono at 48 kHz, or at `rate` through FFmpeg's resampler."""

    def __init__(self, rate: int = OPUS_RATE) -> None:
        self._codec: Any = av.CodecContext.create("libopus", "r")
        self._codec.sample_rate = OPUS_RATE
        self._codec.layout = "mono"
        self._resampler = mono_resampler(rate)

    def decode(self, data: bytes) -> Samples:
        """The samples of one packet; none for a broken one."""
        try:
            frames = self._codec.decode(av.Packet(data))
        except av.FFmpegError:
            return np.empty(0, np.int16)
        return _resample(self._resampler, frames)


class PCMDecoder:
    """One person's packets to chunks on the room clock."""

    def __init__(self) -> None:
        self._decoder = OpusDecoder(PCM_RATE)

    def push(self, t: int, data: bytes) -> PCMChunk:
        """Decode a packet whose sound starts at `t` ms."""
        return PCMChunk(t, self._decoder.decode(data))

    def zeros(self, t: int, samples: int) -> PCMChunk:
        """Stand in for a gap of `samples` at 48 kHz."""
        return PCMChunk(t, np.zeros(samples * PCM_RATE // OPUS_RATE, np.int16))


def mono_resampler(rate: int) -> Any:
    return av.AudioResampler(format="s16", layout="mono", rate=rate)


def _resample(resampler: Any, frames: Any) -> Samples:
    out = [part.to_ndarray()[0] for frame in frames for part in _step(resampler, frame)]
    return np.concatenate(out) if out else np.empty(0, np.int16)


def _step(resampler: Any, frame: Any) -> Any:
    if frame is not None:
        frame.pts = None  # the resampler takes a jump in time for lost samples
    return resampler.resample(frame)


def packets_of(container: Any, *streams: Any) -> Iterator[Any]:
    """Packets of these streams, or of all; what is broken in between is left out.

    Raises av.FFmpegError where the container itself cannot be read on.
    """
    stumbles = 0
    while True:
        try:
            for packet in container.demux(*streams):
                stumbles = 0
                yield packet
            return
        except IndexError:
            continue  # a stream that began on the way has no place in PyAV's list
        except av.InvalidDataError:
            stumbles += 1
            if stumbles > STUMBLES:
                raise


def decoded(packet: Any) -> list[Any]:
    """The frames of a packet; none of a broken one, or of one without sound."""
    try:
        return list(packet.decode())
    except av.FFmpegError:
        return []


def end_of(packet: Any) -> float | None:
    """The time stamp (s) at which a packet ends."""
    if packet.pts is None or packet.time_base is None:
        return None
    return float((packet.pts + (packet.duration or 0)) * packet.time_base)


def read_pcm16k(path: Path, index: int | None = None) -> Iterator[tuple[int, Samples]]:
    """(t_ms on the file's clock, int16 mono at 16 kHz), about a second at a time.

    Of stream `index`, or the first with sound. Without a break from 0 on: where the
    file has no sound there are zeros. Stops quietly where a truncated file stops.
    Raises NotMedia, NoAudio, Undecodable, TooLong.
    """
    container, stream = open_audio(path)
    with container:
        if index is not None:
            stream = container.streams[index]
        done, held, size = 0, [], 0
        for samples in _pcm_pieces(container, stream):
            held.append(samples)
            size += len(samples)
            if size >= BLOCK_SECONDS * PCM_RATE:
                yield done * 1000 // PCM_RATE, np.concatenate(held)
                done, held, size = done + size, [], 0
        if size:
            yield done * 1000 // PCM_RATE, np.concatenate(held)


def _pcm_pieces(container: Any, stream: Any) -> Iterator[Samples]:
    sound = StreamSound(PCM_RATE, zero=zero_of(container))
    late = True
    for sides in _sides(container, stream, sound):
        if late:
            yield from _zeros(sound.start)
        late = False
        yield sides[0]


def _sides(container: Any, stream: Any, sound: StreamSound) -> Iterator[Any]:
    try:
        for packet in packets_of(container, stream):
            sound.note_end(end_of(packet))
            for frame in decoded(packet):
                yield from sound.push(frame)
    except av.FFmpegError:
        pass
    yield from sound.finish()


def _zeros(size: int) -> Iterator[Samples]:
    block = int(BLOCK_SECONDS * PCM_RATE)
    for done in range(0, size, block):
        yield np.zeros(min(block, size - done), np.int16)


def load_pcm16k(path: Path) -> NDArray[np.float32]:
    """The whole file as float32 mono at 16 kHz, -1..1."""
    blocks = [samples for _, samples in read_pcm16k(path)]
    whole = np.concatenate(blocks) if blocks else np.empty(0, np.int16)
    return whole.astype(np.float32) / np.float32(32768)

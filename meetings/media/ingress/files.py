from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import av
import numpy as np

from meetings.media.packets import OPUS_RATE
from meetings.media.pcm import decoded, end_of, open_audio, packets_of
from meetings.media.probe import TAIL_SECONDS, wav_breaks_off
from meetings.media.sound import Sides, StreamSound
from meetings.media.timeline import zero_of
from meetings.media.writers import sync

Progress = Callable[[float], None]  # 0..1
Gaps = tuple[tuple[int, int], ...]  # (start_ms, end_ms)

BIT_RATE = 40_000  # bit/s per mono track: what a browser's microphone sends


@dataclass(frozen=True)
class Imported:
    """What became of a file. Its clock's zero is the beginning of the file.

    `offset_ms`: where its sound begins; `duration_ms`: from there to its end; `gaps`:
    silence that stands for sound that is not in the file. `truncated`: the file broke
    off, `detail` says how; what was read is kept.
    """

    duration_ms: int
    truncated: bool = False
    detail: str = ""
    offset_ms: int = 0
    gaps: Gaps = ()


def decode_to_tracks(
    path: Path,
    out_paths: Sequence[Path],
    split_stereo: bool = False,
    on_progress: Progress | None = None,
) -> Imported:
    """Turn any recording into 48 kHz mono Ogg Opus files, in constant memory.

    One path: everything mixed to mono. `split_stereo` needs two: left, right (a mono
    file gives the same twice). Raises NotMedia, NoAudio, TooLong.
    """
    if len(out_paths) != (2 if split_stereo else 1):
        raise ValueError(f"{len(out_paths)} paths, expected one per side")
    container, stream = open_audio(path)
    with container:
        track = ImportedTrack(stream, out_paths, zero_of(container))
        reading = Reading(path, container, on_progress)
        detail = reading.into(track)
    return track.outcome(detail)


@dataclass
class Reading:
    """A file that is read from its beginning to its end."""

    path: Path
    container: Any
    on_progress: Progress | None = None
    end: float = 0.0  # s: where its last packet ends, of whatever kind

    def into(self, track: "ImportedTrack") -> str:
        """Read it all; returns how it broke off, or nothing."""
        broken = "shorter than its header says" if wav_breaks_off(self.path) else ""
        try:
            for packet in packets_of(self.container):
                self._note(packet)
                if packet.stream.index == track.stream.index:
                    track.take(packet)
        except av.FFmpegError as error:
            broken = str(error)
        track.close()
        return broken or self._missing()

    def _note(self, packet: Any) -> None:
        self.end = max(self.end, end_of(packet) or 0.0)
        length = self._length_s()
        if self.on_progress is not None and length:
            self.on_progress(min(1.0, self.end / length))

    def _length_s(self) -> float:
        """What the file claims."""
        claimed = self.container.duration
        return float(claimed / av.time_base) if claimed else 0.0

    def _missing(self) -> str:
        expected = self._length_s()
        missing = expected - (self.end - zero_of(self.container))
        if missing <= TAIL_SECONDS:
            return ""
        return f"ends {missing:.0f} s before its claimed {expected:.0f} s"


class ImportedTrack:
    """A stream of a file on its way into one file per side."""

    def __init__(self, stream: Any, out_paths: Sequence[Path], zero: float) -> None:
        self.stream = stream
        self._sound = StreamSound(OPUS_RATE, len(out_paths), zero)
        self._files = [OpusFile(out) for out in out_paths]
        self._end: float | None = None

    def take(self, packet: Any) -> None:
        self._end = end_of(packet) or self._end
        for frame in decoded(packet):
            self._write(self._sound.push(frame))

    def close(self) -> None:
        self._write(self._sound.finish(self._end))
        for file in self._files:
            file.close()

    def outcome(self, detail: str) -> Imported:
        sound = self._sound
        return Imported(
            duration_ms=self._files[0].duration_ms,
            truncated=bool(detail),
            detail=detail,
            offset_ms=_ms(sound.start),
            gaps=tuple((_ms(start), _ms(end)) for start, end in sound.gaps),
        )

    def _write(self, pieces: Iterable[Sides]) -> None:
        for sides in pieces:
            for file, samples in zip(self._files, sides, strict=True):
                file.write(np.ascontiguousarray(samples))


def _ms(samples: int) -> int:
    return samples * 1000 // OPUS_RATE


class OpusFile:
    """An Ogg Opus file that samples are encoded into."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.samples = 0
        self._container: Any = av.open(str(path), "w", format="ogg")
        self._stream: Any = self._container.add_stream(
            "libopus", rate=OPUS_RATE, layout="mono"
        )
        self._stream.bit_rate = BIT_RATE

    @property
    def duration_ms(self) -> int:
        return self.samples * 1000 // OPUS_RATE

    def write(self, samples: Any) -> None:
        """Append int16 samples at 48 kHz."""
        frame = av.AudioFrame.from_ndarray(samples[None, :], "s16", "mono")
        frame.sample_rate = OPUS_RATE
        self._container.mux(self._stream.encode(frame))
        self.samples += len(samples)

    def close(self) -> None:
        self._container.mux(self._stream.encode(None))
        self._container.close()
        sync(self.path)

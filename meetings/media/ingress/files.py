from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import av
import numpy as np

from meetings.media.packets import OPUS_RATE
from meetings.media.pcm import audio_frames, open_audio
from meetings.media.probe import TAIL_SECONDS, wav_breaks_off
from meetings.media.writers import sync

Progress = Callable[[float], None]  # 0..1

BIT_RATE = 40_000  # bit/s per mono track: what a browser's microphone sends


@dataclass(frozen=True)
class Imported:
    """`truncated`: the file broke off, `detail` says how; what was read is kept."""

    duration_ms: int
    truncated: bool = False
    detail: str = ""


def decode_to_tracks(
    path: Path,
    out_paths: Sequence[Path],
    split_stereo: bool = False,
    on_progress: Progress | None = None,
) -> Imported:
    """Turn any recording into 48 kHz mono Ogg Opus files, in constant memory.

    One path: everything mixed to mono. `split_stereo` needs two: left, right (a mono
    file gives the same twice). Raises NotMedia, NoAudio.
    """
    if len(out_paths) != (2 if split_stereo else 1):
        raise ValueError(f"{len(out_paths)} paths, expected one per side")
    container, stream = open_audio(path)
    length_s = _length_s(container, stream)
    sides = [OpusFile(out) for out in out_paths]
    resampler = av.AudioResampler(
        format="s16p", layout="stereo" if split_stereo else "mono", rate=OPUS_RATE
    )
    detail = "shorter than its header says" if wav_breaks_off(path) else ""
    with container:
        try:
            for frame in _with_progress(container, stream, length_s, on_progress):
                _spread(resampler, frame, sides)
        except av.FFmpegError as error:
            detail = str(error)
        _spread(resampler, None, sides)
    for side in sides:
        side.close()
    return _outcome(length_s, sides[0].duration_ms, detail)


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


def _spread(resampler: Any, frame: Any, sides: Sequence[OpusFile]) -> None:
    for part in resampler.resample(frame):
        for side, samples in zip(sides, part.to_ndarray(), strict=True):
            side.write(np.ascontiguousarray(samples))


def _with_progress(
    container: Any, stream: Any, length: float, on_progress: Progress | None
) -> Iterator[Any]:
    for frame in audio_frames(container, stream):
        if on_progress is not None and length and frame.time:
            on_progress(min(1.0, frame.time / length))
        frame.pts = None  # the resampler takes a jump in time for lost samples
        yield frame


def _length_s(container: Any, stream: Any) -> float:
    if stream.duration:
        return float(stream.duration * stream.time_base)
    return float(container.duration / av.time_base) if container.duration else 0.0


def _outcome(expected_s: float, duration_ms: int, detail: str) -> Imported:
    missing = expected_s - duration_ms / 1000
    if not detail and missing > TAIL_SECONDS:
        detail = f"ends {missing:.0f} s before its claimed {expected_s:.0f} s"
    return Imported(duration_ms, bool(detail), detail)

import json
import os
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import av
import numpy as np

from meetings.media.egress.stems import Block, Stem, TrackFile, WholeFile, length_ms
from meetings.media.packets import OPUS_RATE

Progress = Callable[[float], None]  # 0..1

PEAKS_PER_SECOND = 20
OVERVIEW = 2000  # figures: more than a wide screen has bars
MIX_BIT_RATE = 48_000  # bit/s; mono speech is transparent well below
MIX_COMPLEXITY = "5"  # of libopus' 0 to 10, its default
AAC_BIT_RATE = 64_000  # bit/s; AAC needs more than Opus to sound the same
KNEE = 0.7  # of full scale: above it the mix is bent
CEILING = 0.95  # what it is bent to; the rest is room for what the encoder adds

__all__ = ["Composite", "TrackFile", "build"]


@dataclass(frozen=True)
class Composite:
    """What `build` made: WebM/Opus files that begin at room time 0.

    `download`: the mix for programs that do not play WebM, AAC in an M4A.
    `stems`: person -> file. `peaks`: a JSON file {"duration_s", "per_second",
    "mix": [0..1, ...], "stems": {person: [0..1, ...]}}. `overview`: the mix alone, in
    at most OVERVIEW figures: a page reads it whole, however long the call was.
    """

    mix: Path
    download: Path
    stems: dict[str, Path]
    peaks: Path
    overview: Path
    duration_ms: int


def build(
    tracks: Sequence[TrackFile],
    out_dir: Path,
    duration_ms: int = 0,
    on_progress: Progress | None = None,
) -> Composite:
    """Mix, aligned stems and peaks of a call, streaming, in constant memory.

    Names: mix.webm, mix.m4a, stem-<n>.webm (n in order of first appearance),
    peaks.json, overview.json; each appears whole or not at all. `duration_ms` 0 means:
    to the end of the last track. A stem is a copy of its packets; a track that cannot
    be read is silence.
    """
    keys = list(dict.fromkeys(track.key for track in tracks))
    result = Composite(
        mix=out_dir / "mix.webm",
        download=out_dir / "mix.m4a",
        stems={key: out_dir / f"stem-{n}.webm" for n, key in enumerate(keys)},
        peaks=out_dir / "peaks.json",
        overview=out_dir / "overview.json",
        duration_ms=duration_ms or _end_ms(tracks),
    )
    with ExitStack() as files:
        mixes = [
            files.enter_context(Mix(result.mix)),
            files.enter_context(Download(result.download)),
        ]
        stems = {
            key: files.enter_context(Stem(path, [t for t in tracks if t.key == key]))
            for key, path in result.stems.items()
        }
        peaks = _run(mixes, stems, result.duration_ms, on_progress)
    _write_peaks(result, peaks)
    return result


class Mix(WholeFile):
    """Everybody in one mono track, for the player."""

    def __init__(self, path: Path, container: str = "webm") -> None:
        super().__init__(path, container)
        self._stream = self._new_stream()

    def _new_stream(self) -> Any:
        options = {"compression_level": MIX_COMPLEXITY}
        stream = self.container.add_stream(
            "libopus", rate=OPUS_RATE, layout="mono", options=options
        )
        stream.bit_rate = MIX_BIT_RATE
        return stream

    def write(self, samples: Block) -> None:
        frame = av.AudioFrame.from_ndarray(samples[None, :], "flt", "mono")
        frame.sample_rate = OPUS_RATE
        self.container.mux(self._stream.encode(frame))

    def finish(self) -> None:
        self.container.mux(self._stream.encode(None))


class Download(Mix):
    """The same for any phone and editor. It is written with the mix, not when somebody
    asks: nobody waits for it, and it never outlives the mix that it was made of."""

    def __init__(self, path: Path) -> None:
        super().__init__(path, "ipod")

    def _new_stream(self) -> Any:
        stream = self.container.add_stream("aac", rate=OPUS_RATE, layout="mono")
        stream.bit_rate = AAC_BIT_RATE
        return stream


def _run(
    mixes: Sequence[Mix],
    stems: dict[str, Stem],
    duration_ms: int,
    on_progress: Progress | None,
) -> dict[str, list[float]]:
    """Go through the call second by second; peaks by person, "" is the mix."""
    samples = duration_ms * OPUS_RATE // 1000
    peaks: dict[str, list[float]] = {key: [] for key in ["", *stems]}
    for start in range(0, samples, OPUS_RATE):
        size = min(OPUS_RATE, samples - start)
        blocks = {key: stem.read(size) for key, stem in stems.items()}
        total = soften(sum(blocks.values(), np.zeros(size, np.float32)))
        for key, block in (blocks | {"": total}).items():
            peaks[key] += peaks_of(block)
        for mix in mixes:
            mix.write(total)
        if on_progress is not None:
            on_progress((start + size) / samples)
    return peaks


def soften(samples: Block) -> Block:
    """Bend what is above the knee towards the ceiling, leave the rest alone."""
    size, room = np.abs(samples), CEILING - KNEE
    bent = KNEE + room * np.tanh((size - KNEE) / room)
    return np.where(size > KNEE, np.copysign(bent, samples), samples).astype("f4")


def peaks_of(samples: Block) -> list[float]:
    """The loudest sample of each twentieth of a second, 0..1, two decimals."""
    span = OPUS_RATE // PEAKS_PER_SECOND
    padded = np.pad(np.abs(samples), (0, -len(samples) % span))
    loudest = padded.reshape(-1, span).max(axis=1)
    return [round(float(peak), 2) for peak in loudest]


def _end_ms(tracks: Sequence[TrackFile]) -> int:
    return max((t.offset_ms + length_ms(t.path) for t in tracks), default=0)


def _write_peaks(result: Composite, peaks: dict[str, list[float]]) -> None:
    mix, length = peaks.pop(""), {"duration_s": result.duration_ms / 1000}
    whole = {"per_second": PEAKS_PER_SECOND, "mix": mix, "stems": peaks}
    _write_json(result.peaks, {**length, **whole})
    _write_json(result.overview, {**length, "mix": fewer(mix, OVERVIEW)})


def _write_json(path: Path, content: Any) -> None:
    part = path.with_name(f"{path.name}.part")
    part.write_text(json.dumps(content, separators=(",", ":")))
    os.replace(part, path)


def fewer(peaks: Sequence[float], points: int) -> list[float]:
    """``peaks`` in at most ``points`` figures, the loudest of each stretch."""
    if len(peaks) <= points:
        return list(peaks)
    edges = [n * len(peaks) // points for n in range(points + 1)]
    return [max(peaks[a:b]) for a, b in zip(edges, edges[1:], strict=False)]

"""Recorded files become tracks: one Ogg Opus file per sound track, or per side."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import av
import numpy as np

from meetings.media.claims import claimed_end, falls_short, riff_breaks_off
from meetings.media.ingress.opus_file import OpusFile
from meetings.media.mixdown import Sides
from meetings.media.opening import open_media, sound_streams
from meetings.media.packets import OPUS_RATE
from meetings.media.pcm import decoded, end_of, packets_of
from meetings.media.sound import StreamSound
from meetings.media.timeline import zero_of

Progress = Callable[[float], None]  # 0..1
Gaps = Sequence[tuple[int, int]]  # (start_ms, end_ms)
SILENT = 33  # of 32768: what is never louder is no microphone


@dataclass(frozen=True)
class Imported:
    """What became of a sound track. Its clock's zero is the beginning of the file.

    `offset_ms`: where its sound begins; `duration_ms`: from there to its end; `gaps`:
    silence that stands for sound that is not in the file. `truncated`: the file broke
    off, `detail` says how; what was read is kept.
    """

    duration_ms: int
    truncated: bool = False
    detail: str = ""
    offset_ms: int = 0
    gaps: Gaps = ()
    silent: bool = False


def decode_to_tracks(
    path: Path,
    out_paths: Sequence[Path],
    split_stereo: bool = False,
    on_progress: Progress | None = None,
) -> Imported:
    """Turn a recording's first sound track into 48 kHz mono Ogg Opus files.

    One path: everything mixed to mono. `split_stereo` needs two: left, right (a mono
    file gives the same twice). Raises NotMedia, NoAudio, Undecodable, TooLong, NoRoom.
    """
    if len(out_paths) != (2 if split_stereo else 1):
        raise ValueError(f"{len(out_paths)} paths, expected one per side")
    with open_media(path) as container:
        first = sound_streams(container)[0].index
    return decode(path, {first: out_paths}, on_progress=on_progress)[first]


def decode(
    path: Path,
    wanted: Mapping[int, Sequence[Path]],
    name: str = "",
    on_progress: Progress | None = None,
) -> dict[int, Imported]:
    """Turn streams of a file into mono Ogg Opus files, in constant memory.

    `wanted`: index of a stream -> a path for its mix, or two for its sides. `name`:
    what people call the file. Raises NotMedia, NoAudio, Undecodable, TooLong, NoRoom;
    no file is left then.
    """
    with open_media(path, name) as container:
        sound_streams(container)
        zero = zero_of(container)
        tracks = {index: ImportedTrack(outs, zero) for index, outs in wanted.items()}
        try:
            detail = Reading(path, container, tracks, on_progress).to_the_end()
        except BaseException:
            for track in tracks.values():
                track.discard()
            raise
    return {index: track.outcome(detail) for index, track in tracks.items()}


@dataclass
class Reading:
    """A file on its way into its tracks."""

    path: Path
    container: Any
    tracks: Mapping[int, "ImportedTrack"]
    on_progress: Progress | None
    end: float = 0.0  # s: the time stamp at which its last packet ends

    def to_the_end(self) -> str:
        """Read it all; returns how it broke off, or nothing."""
        claimed = claimed_end(self.container, self.path)
        broken = "shorter than its header says" if riff_breaks_off(self.path) else ""
        try:
            for packet in packets_of(self.container):
                self._take(packet)
        except av.FFmpegError as error:
            broken = str(error)
        for track in self.tracks.values():
            track.close()
        return broken or falls_short(self.end, claimed)

    def _take(self, packet: Any) -> None:
        self.end = max(self.end, end_of(packet) or 0.0)
        if track := self.tracks.get(packet.stream.index):
            track.take(packet)
        if self.on_progress is not None:
            self.on_progress(min(1.0, max(0.0, self._share(packet))))

    def _share(self, packet: Any) -> float:
        """How far it is: by time, or by bytes where the length is not known."""
        if self.container.duration:
            length = float(self.container.duration / av.time_base)
            return (self.end - zero_of(self.container)) / length
        return (packet.pos or 0) / self.path.stat().st_size


class ImportedTrack:
    """A stream of a file on its way into one file per side."""

    def __init__(self, out_paths: Sequence[Path], zero: float) -> None:
        self._sound = StreamSound(OPUS_RATE, len(out_paths), zero)
        self._files = [OpusFile(out) for out in out_paths]
        self._loudest = 0

    def take(self, packet: Any) -> None:
        self._sound.note_end(end_of(packet))
        for frame in decoded(packet):
            self._write(self._sound.push(frame))

    def close(self) -> None:
        self._write(self._sound.finish())
        for file in self._files:
            file.close()

    def discard(self) -> None:
        for file in self._files:
            file.discard()

    def outcome(self, detail: str) -> Imported:
        sound = self._sound
        return Imported(
            duration_ms=self._files[0].duration_ms,
            truncated=bool(detail),
            detail=detail,
            offset_ms=_ms(sound.start),
            gaps=[(_ms(start), _ms(end)) for start, end in sound.gaps],
            silent=self._loudest <= SILENT,
        )

    def _write(self, pieces: Iterable[Sides]) -> None:
        for sides in pieces:
            self._loudest = max(self._loudest, int(np.abs(sides.astype("i4")).max()))
            for file, samples in zip(self._files, sides, strict=True):
                file.write(np.ascontiguousarray(samples))


def _ms(samples: int) -> int:
    return samples * 1000 // OPUS_RATE

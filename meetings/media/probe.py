"""What a file is, found out by a process of its own with limits.

`python -m meetings.media.probe FILE [NAME]` prints one JSON object: a MediaInfo with
"error" (null or the code of a MediaError) and "detail".
"""

import json
import resource
import subprocess
import sys
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from meetings.media.errors import (
    MediaError,
    NoAudio,
    NotMedia,
    TooSlow,
    Undecodable,
)

CPU_SECONDS = 60
ADDRESS_SPACE = 2 * 1024**3  # bytes


@dataclass(frozen=True)
class StreamInfo:
    """`title`: what the file calls it. `problem`: why it cannot be decoded, if so."""

    index: int
    kind: str
    codec: str
    channels: int | None
    sample_rate: int | None
    channel_layout: str | None
    title: str = ""
    problem: str = ""


@dataclass(frozen=True)
class MediaInfo:
    """`duration_s` is what the container says or FFmpeg guesses; `truncated`: it ends
    before that. `made`: when it was recorded, ISO 8601 with the offset from UTC."""

    duration_s: float | None
    truncated: bool
    streams: tuple[StreamInfo, ...] = field(default=())
    made: str | None = None

    @property
    def sounds(self) -> list[StreamInfo]:
        """All sound tracks, in the file's order, also those that cannot be decoded."""
        return [stream for stream in self.streams if stream.kind == "audio"]

    @property
    def audio(self) -> StreamInfo:
        """The first sound track that can be decoded."""
        return next(stream for stream in self.sounds if not stream.problem)


def probe(path: Path, timeout: float = 90.0, name: str = "") -> MediaInfo:
    """Probe a file nobody vouches for, in a process that may not do harm.

    Raises NotMedia (also for one that makes FFmpeg crash or swell), NoAudio,
    Undecodable, and TooSlow where the machine had no time for it.
    """
    command = [sys.executable, "-m", "meetings.media.probe", str(path.absolute())]
    root = Path(__file__).parents[2]
    try:
        done = subprocess.run(
            [*command, name], capture_output=True, timeout=timeout, cwd=root
        )
        found = json.loads(done.stdout)
    except subprocess.TimeoutExpired as error:
        raise TooSlow(timeout) from error
    except ValueError as error:
        raise NotMedia(f"reading it failed with status {done.returncode}") from error
    return _media_info(found)


def _media_info(found: dict[str, Any]) -> MediaInfo:
    code, detail = found.pop("error"), found.pop("detail")
    if code == "no_audio":
        raise NoAudio()
    if code == "undecodable":
        raise Undecodable(detail)
    if code:
        raise NotMedia(detail)
    streams = tuple(StreamInfo(**stream) for stream in found.pop("streams"))
    return MediaInfo(streams=streams, **found)


def main(path: str, name: str = "") -> None:
    limit_self(CPU_SECONDS)
    # after the limits, which hold for FFmpeg's libraries, too
    from meetings.media.look import look

    report: dict[str, Any] = {"error": None, "detail": ""}
    try:
        report |= asdict(look(Path(path), name))
    except MediaError as error:
        report = {"error": error.code, "detail": error.detail}
    print(json.dumps(report))


def limit_self(cpu_seconds: int) -> None:
    """Bound what a hostile file can take: CPU time, memory, no core dump."""
    resource.setrlimit(resource.RLIMIT_CPU, (cpu_seconds, cpu_seconds))
    limit_memory()


def limit_memory() -> None:
    """What a picture or a sound may make us hold; no core dump."""
    resource.setrlimit(resource.RLIMIT_AS, (ADDRESS_SPACE, ADDRESS_SPACE))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


if __name__ == "__main__":
    main(*sys.argv[1:])

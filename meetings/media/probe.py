"""What a file is, found out by a process of its own with limits.

`python -m meetings.media.probe FILE` prints one JSON object:
{"duration_s", "truncated", "streams": [{"index", "kind", "codec", "channels",
"sample_rate", "channel_layout"}], "error": null | "not_media" | "no_audio", "detail"}.
"""

import json
import resource
import struct
import subprocess
import sys
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from meetings.media.errors import MediaError, NoAudio, NotMedia

CPU_SECONDS = 60
ADDRESS_SPACE = 2 * 1024**3  # bytes
TAIL_SECONDS = 2.0  # a file with less than its claim by more than this is truncated


@dataclass(frozen=True)
class StreamInfo:
    index: int
    kind: str
    codec: str
    channels: int | None
    sample_rate: int | None
    channel_layout: str | None


@dataclass(frozen=True)
class MediaInfo:
    """`duration_s` is what the container claims; `truncated`: it ends before that."""

    duration_s: float | None
    truncated: bool
    streams: tuple[StreamInfo, ...]

    @property
    def audio(self) -> StreamInfo:
        """The first audio stream, the one an import reads."""
        return next(s for s in self.streams if s.kind == "audio")


def probe(path: Path, timeout: float = 90.0) -> MediaInfo:
    """Probe a file nobody vouches for, in a process that may not do harm.

    Raises NotMedia (also for one that makes FFmpeg crash, swell or hang), NoAudio.
    """
    command = [sys.executable, "-m", "meetings.media.probe", str(path.absolute())]
    root = Path(__file__).parents[2]
    try:
        done = subprocess.run(command, capture_output=True, timeout=timeout, cwd=root)
        found = json.loads(done.stdout)
    except subprocess.TimeoutExpired as error:
        raise NotMedia("reading it took too long") from error
    except ValueError as error:
        raise NotMedia(f"reading it failed with status {done.returncode}") from error
    return _media_info(found)


def _media_info(found: dict[str, Any]) -> MediaInfo:
    if found["error"] == "no_audio":
        raise NoAudio()
    if found["error"]:
        raise NotMedia(found["detail"])
    streams = tuple(StreamInfo(**stream) for stream in found["streams"])
    return MediaInfo(found["duration_s"], found["truncated"], streams)


def main(path: str) -> None:
    limit_self()
    try:
        report = asdict(inspect(Path(path))) | {"error": None, "detail": ""}
    except MediaError as error:
        report = {"error": error.code, "detail": error.detail, "streams": []}
        report |= {"duration_s": None, "truncated": False}
    print(json.dumps(report))


def limit_self() -> None:
    """Bound what a hostile file can take: CPU time, memory, no core dump."""
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
    resource.setrlimit(resource.RLIMIT_AS, (ADDRESS_SPACE, ADDRESS_SPACE))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def inspect(path: Path) -> MediaInfo:
    """Read a file in this process, without limits. Raises NotMedia, NoAudio."""
    import av  # after the limits, which hold for its libraries too

    from meetings.media.pcm import open_audio

    container, stream = open_audio(path)
    with container:
        streams = tuple(_describe(found) for found in container.streams)
        duration_s = container.duration / av.time_base if container.duration else None
        truncated = _breaks_off(container, stream, duration_s) or wav_breaks_off(path)
        return MediaInfo(duration_s, truncated, streams)


def _describe(stream: Any) -> StreamInfo:
    audio = stream.type == "audio"
    context = stream.codec_context
    return StreamInfo(
        index=stream.index,
        kind=stream.type,
        codec=context.name if context else "unknown",
        channels=stream.channels if audio else None,
        sample_rate=stream.sample_rate if audio else None,
        channel_layout=stream.layout.name if audio else None,
    )


def _breaks_off(container: Any, stream: Any, duration_s: float | None) -> bool:
    """Decode the first frame, then look for packets near the claimed end."""
    import av

    try:
        _first_frame(container, stream)
        if duration_s is None or duration_s < 2 * TAIL_SECONDS:
            return False
        container.seek(round((duration_s - TAIL_SECONDS) * av.time_base))
        last = max((_end(packet) for packet in container.demux(stream)), default=0.0)
        return last < duration_s - TAIL_SECONDS
    except av.FFmpegError:
        return True


def wav_breaks_off(path: Path) -> bool:
    """Whether a WAV file is shorter than its header says; FFmpeg does not tell.

    Writers that cannot go back leave 0 or all ones there: such a header claims nothing.
    """
    with path.open("rb") as file:
        tag, size = struct.unpack("<4sI", file.read(8).ljust(8, b"\0"))
    claims = tag == b"RIFF" and size not in (0, 0xFFFFFFFF)
    return claims and path.stat().st_size < size + 8


def _first_frame(container: Any, stream: Any) -> None:
    if next(container.decode(stream), None) is None:
        raise NotMedia("no sound can be decoded")


def _end(packet: Any) -> float:
    if packet.pts is None:
        return 0.0
    return float((packet.pts + (packet.duration or 0)) * packet.time_base)


if __name__ == "__main__":
    main(sys.argv[1])

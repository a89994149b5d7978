"""A look into a file: its streams, whether they can be decoded, when it was made."""

from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Any

import av

from meetings.media.claims import (
    TAIL_SECONDS,
    claimed_end,
    falls_short,
    riff_breaks_off,
)
from meetings.media.errors import NotMedia
from meetings.media.opening import open_media, problem_of, sound_streams
from meetings.media.pcm import decoded, end_of, packets_of
from meetings.media.probe import MediaInfo, StreamInfo

TRIED_PACKETS = 500  # of a stream, after which it is no sound
# Apple's says the place's own time; the next is UTC; then what audio editors write.
DATES = ("com.apple.quicktime.creationdate", "creation_time", "date")


def look(path: Path, name: str = "") -> MediaInfo:
    """Read a file in this process, without limits. Raises as `probe` does."""
    with open_media(path, name) as container:
        heard = _with_sound(container, sound_streams(container))
        if not heard:
            raise NotMedia("no sound can be decoded")
        return MediaInfo(
            duration_s=(container.duration or 0) / av.time_base or None,
            truncated=_breaks_off(container, path) or riff_breaks_off(path),
            streams=tuple(_describe(stream, heard) for stream in container.streams),
            made=_made(container),
        )


def _describe(stream: Any, heard: set[int]) -> StreamInfo:
    context = stream.codec_context
    audio = stream.type == "audio"
    known = audio and context is not None
    problem = problem_of(stream) if audio else ""
    if known and not problem and stream.index not in heard:
        problem = "its sound cannot be decoded"
    return StreamInfo(
        index=stream.index,
        kind=stream.type,
        codec=context.name if context else "unknown",
        channels=stream.channels if known else None,
        sample_rate=stream.sample_rate if known else None,
        channel_layout=stream.layout.name if known else None,
        title=stream.metadata.get("title", "")[:200],
        problem=problem,
    )


def _with_sound(container: Any, streams: list[Any]) -> set[int]:
    """The indexes of streams that give a frame."""
    left = {stream.index: TRIED_PACKETS for stream in streams}
    heard: set[int] = set()
    with suppress(av.FFmpegError):
        for packet in packets_of(container, *streams):
            index = packet.stream.index
            if index in left:
                left[index] -= 1
                if decoded(packet):
                    heard.add(index)
                if index in heard or not left[index]:
                    del left[index]
            if not left:
                break
    return heard


def _breaks_off(container: Any, path: Path) -> bool:
    """Look for packets near the claimed end."""
    claimed = claimed_end(container, path)
    if claimed is None or claimed < 2 * TAIL_SECONDS:
        return False
    try:
        container.seek(round((claimed - TAIL_SECONDS) * av.time_base))
        ends = (end_of(packet) or 0.0 for packet in packets_of(container))
        return bool(falls_short(max(ends, default=0.0), claimed))
    except av.FFmpegError:
        return True


def _made(container: Any) -> str | None:
    """When a file says it was recorded. A day alone is its noon: the same day nearly
    everywhere."""
    tags = [container.metadata, *(stream.metadata for stream in container.streams)]
    lower = [{key.casefold(): value for key, value in each.items()} for each in tags]
    for text in (each[key] for key in DATES for each in lower if key in each):
        with suppress(ValueError):
            made = datetime.fromisoformat(text if "T" in text else f"{text}T12:00")
            return made.isoformat() if made.tzinfo else f"{made.isoformat()}+00:00"
    return None

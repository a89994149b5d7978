"""Opening files that nobody vouches for, and finding the sound in them."""

from pathlib import Path
from typing import Any

import av

from meetings.media.errors import NoAudio, NotMedia, Undecodable
from meetings.media.sound import LOWEST_RATE

# The containers that people have. None that names other files or addresses (playlists,
# concat lists, image sequences): FFmpeg would open those too, with our rights.
CONTAINERS = (
    "aac,ac3,aiff,amr,ape,asf,au,avi,caf,dss,eac3,flac,flv,gsm,ilbc,matroska,webm,mov,"
    "mp4,m4a,3gp,3g2,mj2,mp3,mpeg,mpegts,mxf,nistsphere,nut,ogg,qcp,sox,voc,w64,wav,wv"
)

# What telephone systems write without any header: only the file's name says what it is.
TELEPHONE = {"sample_rate": "8000"}
LINEAR = {"": 8, "12": 12, "16": 16, "24": 24, "32": 32, "44": 44.1, "48": 48}  # kHz
HEADERLESS: dict[str, tuple[str, dict[str, str]]] = {
    ".gsm": ("gsm", {}),
    ".g722": ("g722", {}),
    ".g723": ("g723_1", {}),
    ".g726": ("g726le", {"code_size": "4"}),
    **{
        f".g726-{8 * bits}": ("g726le", {"code_size": str(bits)})
        for bits in range(2, 6)
    },
    ".g729": ("g729", {}),
    ".ulaw": ("mulaw", TELEPHONE),
    ".ul": ("mulaw", TELEPHONE),
    ".alaw": ("alaw", TELEPHONE),
    ".al": ("alaw", TELEPHONE),
    ".slin": ("s16le", TELEPHONE),
    **{
        f".sln{name}": ("s16le", {"sample_rate": f"{1000 * rate:.0f}"})
        for name, rate in LINEAR.items()
    },
}
HEADERS = (b"RIFF", b".snd", b"OggS", b"ID3", b"fLaC", b"\x1aE\xdf\xa3", b"#!AMR")


def open_media(path: Path, name: str = "") -> Any:
    """An open container; `name` is what people call the file. Raises NotMedia."""
    form, options = _headerless(path, Path(name or path.name).suffix.casefold())
    allowed = {"format_whitelist": form or CONTAINERS, "protocol_whitelist": "file"}
    try:
        return av.open(
            str(path),
            format=form,
            options=allowed | options,
            metadata_errors="replace",  # of any age, in any code
        )
    except (av.FFmpegError, OSError) as error:
        raise NotMedia(str(error)) from error


def open_audio(path: Path, name: str = "") -> tuple[Any, Any]:
    """(container, its first stream with sound). Raises NotMedia, NoAudio, Undecodable.

    Streams for which there is no decoder are passed by.
    """
    container = open_media(path, name)
    try:
        return container, sound_streams(container)[0]
    except BaseException:
        container.close()
        raise


def sound_streams(container: Any) -> list[Any]:
    """What can be decoded, at least one. Raises NoAudio, Undecodable."""
    streams = list(container.streams.audio)
    if not streams:
        raise NoAudio()
    found = [stream for stream in streams if not problem_of(stream)]
    if not found:
        raise Undecodable(problem_of(streams[0]))
    return found


def problem_of(stream: Any) -> str:
    """Why a sound stream cannot be decoded, if so."""
    if stream.codec_context is None:
        return "its sound has a codec that is not known here"
    rate = stream.codec_context.sample_rate
    if 0 < rate < LOWEST_RATE:
        return f"its sound has {rate} samples a second, and {LOWEST_RATE} are needed"
    return ""


def _headerless(path: Path, suffix: str) -> tuple[str | None, dict[str, str]]:
    known = HEADERLESS.get(suffix)
    if known is None:
        return None, {}
    with path.open("rb") as file:
        return (None, {}) if file.read(8).startswith(HEADERS) else known

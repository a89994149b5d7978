"""How long a file says it is, where that is more than a guess."""

import struct
from pathlib import Path
from typing import Any

TAIL_SECONDS = 2.0  # s that may be missing from what a file claims
# The header writers without a way back (pipes) leave: 0, all ones, or about 2 GiB.
NO_CLAIM = 0x7FFFF000

# Their length is a guess from the bit rate, or from where the file ends.
GUESSED = {"aac", "ac3", "amr", "avi", "eac3", "mpeg", "mpegts", "ogg", "w64", "wav"}
GUESSED |= {"alaw", "g722", "g723_1", "g726le", "g729", "gsm", "mulaw", "s16le"}
VBR_HEADERS = (b"Xing", b"Info", b"VBRI")


def claimed_end(container: Any, path: Path) -> float | None:
    """The time stamp (s) at which an open file should end; None: it does not say."""
    name = container.format.name.split(",")[0]
    if not container.duration or name in GUESSED:
        return None
    if name == "mp3" and not _says_its_length(path):
        return None
    start = 0 if name == "matroska" else container.start_time or 0
    return float(start + container.duration) / 1_000_000


def falls_short(end: float, claimed: float | None) -> str:
    """How a file that ends at `end` is shorter than it claims, if it is."""
    if claimed is None or claimed - end <= TAIL_SECONDS:
        return ""
    return f"ends {claimed - end:.0f} s before its claimed {claimed:.0f} s"


def riff_breaks_off(path: Path) -> bool:
    """Whether WAV or AVI is shorter than its header says; FFmpeg does not tell."""
    with path.open("rb") as file:
        tag, size = struct.unpack("<4sI", file.read(8).ljust(8, b"\0"))
    claims: bool = tag == b"RIFF" and 0 < size < NO_CLAIM
    return claims and path.stat().st_size < size + 8


def _says_its_length(path: Path) -> bool:
    """Whether an MP3 file counts its frames in its first one."""
    with path.open("rb") as file:
        head = file.read(10)
        file.seek(10 + _synchsafe(head[6:]) if head.startswith(b"ID3") else 0)
        first = file.read(400)
    return any(header in first for header in VBR_HEADERS)


def _synchsafe(size: bytes) -> int:
    """The number that ID3 writes with seven bits a byte."""
    number = 0
    for byte in size:
        number = number << 7 | byte & 0x7F
    return number

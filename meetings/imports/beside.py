"""Transcripts that lie beside recordings: they are no recording themselves."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from meetings.imports.services import SourceFile

TRANSCRIPTS = (".vtt", ".srt", ".sbv", ".docx", ".txt", ".json")


def is_transcript(name: str) -> bool:
    return Path(name).suffix.casefold() in TRANSCRIPTS


def apart(
    sources: "Sequence[SourceFile]",
) -> "tuple[list[SourceFile], list[SourceFile]]":
    """(recordings, transcripts)"""
    told = [source for source in sources if is_transcript(source.name)]
    return [source for source in sources if source not in told], told

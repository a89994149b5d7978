"""Imported files, written down by real weights: every word at its time."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from benchmarks.words import align, normalised
from meetings.media.ingress.files import decode_to_tracks
from meetings.media.pcm import Samples, read_pcm16k
from tests.imported_files import IMPORTS, words_of
from transcription.speech.engine.captions import HeardUtterance
from transcription.speech.engine.engine import Engine

# s between a word and its time at most; tiny.en hears "thank" 0.36 s late anywhere
AWAY = {"base": 0.35, "tiny.en": 0.6}
HEARD = 0.5  # share of the words: the voices are espeak's, one is on a bad telephone
FILES = [
    "anna.ogg",
    "chained.ogg",
    "delay.mkv",
    "gaps.webm",
    "late.mka",
    "phone_dtx.amr",
    "rate.mp3",
]

Timed = tuple[str, float]  # a normalised word, s


def samples_of(path: Path) -> Iterator[Samples]:
    for _, samples in read_pcm16k(path):
        yield samples


def away(
    name: str, track: int, lines: list[HeardUtterance], offset: float = 0.0
) -> dict[str, float]:
    """Heard words and how far they are from their times."""
    said = timed([(text, start) for text, start, _ in words_of(name, track)])
    heard = timed([(w.text, w.start + offset) for line in lines for w in line.words])
    pairs = align([word for word, _ in said], [word for word, _ in heard])
    assert len(pairs) >= HEARD * len(said), [word for word, _ in heard]
    return {said[i][0]: abs(heard[j][1] - said[i][1]) for i, j in pairs}


def timed(words: list[Timed]) -> list[Timed]:
    return [(word, start) for text, start in words for word in normalised(text)]


@pytest.mark.parametrize("name", FILES)
def test_imported_words_are_at_their_times(
    engine: Engine, folder: Path, tmp_path: Path, name: str
) -> None:
    imported = decode_to_tracks(IMPORTS / name, [tmp_path / "out.ogg"])
    lines = engine.transcribe(samples_of(tmp_path / "out.ogg"), language="en")
    words = away(name, 0, lines, imported.offset_ms / 1000)
    assert max(words.values()) <= AWAY[folder.name], words


@pytest.mark.parametrize("name", FILES)
def test_words_of_a_file_that_is_read_at_once_are_as_well(
    engine: Engine, folder: Path, name: str
) -> None:
    lines = engine.transcribe(samples_of(IMPORTS / name), language="en")
    words = away(name, 0, lines)
    assert max(words.values()) <= AWAY[folder.name], words

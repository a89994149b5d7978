"""Imported files, written down by real weights: every word at its time."""

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from benchmarks.words import align, normalised
from meetings.media.ingress.files import decode, decode_to_tracks
from meetings.media.pcm import Samples, read_pcm16k
from tests.imported_files import IMPORTS, au, piped, wav, wav49, words_of
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
    "raw.gsm",
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


@pytest.mark.parametrize("track", [0, 1])
def test_every_track_of_a_file_is_in_true_time(
    engine: Engine, folder: Path, tmp_path: Path, track: int
) -> None:
    decode(IMPORTS / "twotracks.mp4", {track: [tmp_path / "out.ogg"]})
    lines = engine.transcribe(samples_of(tmp_path / "out.ogg"), language="en")
    words = away("twotracks.mp4", track, lines)
    assert max(words.values()) <= AWAY[folder.name], words


def test_a_track_behind_one_without_a_decoder_is_heard(
    engine: Engine, folder: Path
) -> None:
    lines = engine.transcribe(samples_of(IMPORTS / "apac_first.mp4"), language="en")
    assert max(away("apac_first.mp4", 0, lines).values()) <= AWAY[folder.name]


@pytest.mark.parametrize(
    ("name", "make"),
    [
        ("a.wav49", wav49),
        ("a.au", au),
        ("none.wav", lambda path: piped(path, 0)),
        ("sox.wav", lambda path: piped(path, 0x7FFFF000)),
        ("ones.wav", lambda path: piped(path, 0xFFFFFFFF)),
    ],
)
def test_telephone_systems_and_pipes_are_heard(
    engine: Engine,
    folder: Path,
    tmp_path: Path,
    name: str,
    make: Callable[[Path], Path],
) -> None:
    lines = engine.transcribe(samples_of(make(tmp_path / name)), language="en")
    assert max(away("anna.ogg", 0, lines).values()) <= AWAY[folder.name]


def test_an_inverted_side_is_heard(
    engine: Engine, folder: Path, tmp_path: Path
) -> None:
    anna = np.concatenate(list(samples_of(IMPORTS / "anna.ogg")))
    source = wav(tmp_path / "inverted.wav", anna, -anna)
    lines = engine.transcribe(samples_of(source), language="en")
    assert max(away("anna.ogg", 0, lines).values()) <= AWAY[folder.name]

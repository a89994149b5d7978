"""Recordings as people have them (tests/data/imports), and WAV files made to order."""

import json
import wave
from pathlib import Path
from typing import Any

import numpy as np

from meetings.media.pcm import load_pcm16k

IMPORTS = Path(__file__).parent / "data" / "imports"
LOUD = 0.03  # of full scale: the espeak voices, and no noise of a codec

Word = tuple[str, float, float]  # text, start and end in s


def words_of(name: str, track: int = 0) -> list[Word]:
    """What is said in a track of a file, on the file's clock."""
    expected = json.loads((IMPORTS / "expected.json").read_text())
    return [tuple(word) for word in expected[name][track]]


def first_word(name: str) -> float:
    """When somebody begins to speak, in seconds."""
    return words_of(name)[0][1]


def speech_begins(path: Path) -> float:
    """When the first sound is heard in a file, in seconds of its samples."""
    return float(np.argmax(np.abs(load_pcm16k(path)) > LOUD)) / 16_000


def tone(seconds: float, hertz: float = 440.0, rate: int = 16_000) -> Any:
    """int16, a third of full scale."""
    at = np.arange(round(seconds * rate)) / rate
    return (12_000 * np.sin(2 * np.pi * hertz * at)).astype("<i2")


def wav(path: Path, *sides: Any, seconds: float = 1.0, rate: int = 16_000) -> Path:
    """A WAV file of these sides (int16); one tone where none is given."""
    columns = sides or (tone(seconds, rate=rate),)
    with wave.open(str(path), "wb") as file:
        file.setparams((len(columns), 2, rate, 0, "NONE", ""))
        file.writeframes(np.stack(columns, axis=1).tobytes())
    return path

"""A call with known words: one track per person and a call.json on a shared clock."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.words import normalised
from meetings.media.pcm import read_pcm16k

RATE = 16_000  # Hz
DEMO_CALL = Path(__file__).parent.parent / "meetings" / "demo_call"


@dataclass(frozen=True)
class Spoken:
    """One word of the reference; times in seconds on the call's clock."""

    text: str
    start: float
    end: float


@dataclass(frozen=True)
class Person:
    """One person's sound (16 kHz mono) and the words in it."""

    name: str
    samples: NDArray[np.int16]
    words: tuple[Spoken, ...]


def read_call(folder: Path) -> list[Person]:
    """The people of a call folder, by name."""
    utterances = json.loads((folder / "call.json").read_text())["utterances"]
    names = sorted({utterance["speaker"] for utterance in utterances})
    return [
        Person(name, _sound(folder, name), _words(utterances, name)) for name in names
    ]


def excerpt(person: Person, seconds: float, silence: float) -> Person:
    """The first seconds of a person, with some of silence behind them."""
    samples = person.samples[: round(seconds * RATE)]
    behind = np.zeros(round(silence * RATE), np.int16)
    words = tuple(word for word in person.words if word.end <= seconds)
    return Person(person.name, np.concatenate([samples, behind]), words)


def _sound(folder: Path, name: str) -> NDArray[np.int16]:
    track = next(path for path in folder.glob(f"{name}.*") if path.suffix != ".json")
    return np.concatenate([samples for _, samples in read_pcm16k(track)])


def _words(utterances: list[dict[str, Any]], name: str) -> tuple[Spoken, ...]:
    return tuple(
        Spoken(part, start, end)
        for utterance in utterances
        if utterance["speaker"] == name
        for text, start, end in utterance["words"]
        for part in normalised(text)
    )

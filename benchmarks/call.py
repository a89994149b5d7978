"""A call with known words: one track per person and a call.json on a shared clock."""

import json
from dataclasses import dataclass
from math import ceil
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.words import normalised
from meetings.media.pcm import read_pcm16k

RATE = 16_000  # Hz
SHORT = 0.6  # s between two sentences of somebody who goes on talking
ROOT = Path(__file__).parent.parent
DEMO_CALL = ROOT / "meetings" / "demo_call"  # natural voices, for real models
FIXTURE_CALL = ROOT / "tests" / "espeak_call"  # the same, as the fixture model hears it

Samples = NDArray[np.int16]


@dataclass(frozen=True)
class Spoken:
    """One word of the reference; times in seconds on the call's clock."""

    text: str
    start: float
    end: float


@dataclass(frozen=True, eq=False)
class Person:
    """One person's sound (16 kHz mono) and the words in it."""

    name: str
    samples: Samples
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


def active(person: Person, seconds: float) -> Person:
    """A person who hardly pauses, for so long: silences cut to SHORT, then again."""
    once = _without_pauses(person)
    length = len(once.samples) / RATE
    times = ceil(seconds / length)
    words = tuple(
        Spoken(word.text, word.start + n * length, word.end + n * length)
        for n in range(times)
        for word in once.words
    )
    return excerpt(Person(person.name, np.tile(once.samples, times), words), seconds, 0)


def _without_pauses(person: Person) -> Person:
    """The same words, with SHORT between those that were further apart."""
    begin = max(person.words[0].start - SHORT / 2, 0.0)
    pieces, words, cut, last = list[Samples](), list[Spoken](), begin, 0.0
    for word in person.words:
        if words and word.start - last > SHORT:
            pieces.append(_between(person, begin, last + SHORT / 2))
            begin = word.start - SHORT / 2
            cut += begin - (last + SHORT / 2)
        words.append(Spoken(word.text, word.start - cut, word.end - cut))
        last = word.end
    pieces.append(_between(person, begin, last + SHORT / 2))
    return Person(person.name, np.concatenate(pieces), tuple(words))


def _between(person: Person, start: float, end: float) -> Samples:
    return person.samples[round(start * RATE) : round(end * RATE)]


def _sound(folder: Path, name: str) -> Samples:
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

"""Right words from real weights: recorded, live, and where nothing was said."""

from pathlib import Path

import numpy as np
import pytest

from benchmarks.call import DEMO_CALL, Person, excerpt, read_call
from benchmarks.feed import play
from benchmarks.words import errors, normalised
from transcription.speech.audio import noise
from transcription.speech.audio.sound import SAMPLE_RATE
from transcription.speech.engine.batching import Costs
from transcription.speech.engine.captions import HeardUtterance
from transcription.speech.engine.engine import Engine
from transcription.speech.model import guards, selftest, wheels
from transcription.speech.model.loading import Device, load

RECORDED = 0.09  # share of wrong words; "$500" for "five hundred dollars" counts as 3
LIVE = 0.15


@pytest.fixture(scope="module")
def people() -> dict[str, Person]:
    return {person.name: person for person in read_call(DEMO_CALL)}


def wrong(person: Person, texts: list[str]) -> float:
    said = [word.text for word in person.words]
    heard = [word for text in texts for word in normalised(text)]
    return errors(said, heard) / len(said)


@pytest.mark.parametrize("name", ["anna", "ben", "carol"])
def test_recordings_are_written_down_right(
    engine: Engine, people: dict[str, Person], name: str
) -> None:
    person = people[name]
    lines = engine.transcribe(person.samples, language="en")
    assert wrong(person, [line.text for line in lines]) <= RECORDED
    assert not any(guards.repeats(line.text) for line in lines)
    assert in_order(lines)


def in_order(lines: list[HeardUtterance]) -> bool:
    words = [word for line in lines for word in line.words]
    pairs = zip(words, words[1:], strict=False)
    return all(one.start <= other.start for one, other in pairs)


def test_captions_are_right_while_people_talk(
    engine: Engine, people: dict[str, Person]
) -> None:
    """In real time; no caption ever shows a loop."""
    person = excerpt(people["anna"], 30, 1)
    (played,) = play(engine, [person], 1, language="en")
    captions = [caption for _, caption in played.events]
    finals = [caption.text for caption in captions if caption.final]
    assert wrong(person, finals) <= LIVE
    assert not [c.text for c in captions if guards.repeats(c.text)]
    assert any(not caption.final for caption in captions)


@pytest.mark.parametrize("kind", [kind for kind in noise.KINDS if kind != "babble"])
def test_nothing_is_invented(engine: Engine, kind: str) -> None:
    lines = engine.transcribe(noise.make(kind, 20, seed=3), language="en")
    assert [line.text for line in lines if line.text] == []


def test_a_foreign_language_is_no_loop(
    engine: Engine, people: dict[str, Person]
) -> None:
    """Speech played backwards: nobody knows its words."""
    sound = people["anna"].samples[::-1][: 40 * SAMPLE_RATE]
    lines = engine.transcribe(np.ascontiguousarray(sound))
    assert not any(guards.repeats(line.text) for line in lines)


def test_the_wheels_say_how_short_a_window_may_be(folder: Path) -> None:
    whisper = load(folder, Device("cpu"), Costs())
    assert selftest.noted(folder) == wheels.SHORTEST[folder.name]
    assert selftest.measure(whisper) == wheels.SHORTEST[folder.name]

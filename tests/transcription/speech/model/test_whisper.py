"""The fixture model, called directly with short windows."""

import dataclasses
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.spoken_call import Tracks
from transcription.speech.audio.features import HOP, MelBuffer
from transcription.speech.audio.sound import (
    SAMPLE_RATE,
    Samples,
    SlidingBuffer,
    to_float,
)
from transcription.speech.engine.captions import Word
from transcription.speech.model import tries
from transcription.speech.model.whisper import Whisper
from transcription.speech.model.windows import Decoded, Search, Window

SPANS = {  # seconds of the espeak call
    "ben": (7.6, 10.2),
    "carol": (14.2, 16.1),
    "anna": (23.5, 26.0),
}
SAID = {
    "ben": "Good morning Anna, how are you today?",
    "carol": "Yes, I can hear you.",
    "anna": "How many people are in your sales team?",
}


@pytest.fixture(scope="module")
def whisper(model_folder: Path) -> Whisper:
    return Whisper.load(model_folder, "cpu", "int8", 1)


def window(
    whisper: Whisper, samples: Samples, start: float, end: float, length: int = 400
) -> Window:
    sound = SlidingBuffer()
    sound.append(to_float(samples))
    first = int(start * 100) * HOP
    mel, frames = MelBuffer(sound).window(
        whisper.bank, first, int(end * SAMPLE_RATE), length
    )
    return Window(mel, frames, "en", word_times=True)


@pytest.fixture(scope="module")
def heard(whisper: Whisper, tracks: Tracks) -> dict[str, Window]:
    return {
        name: window(whisper, tracks[name], start, end)
        for name, (start, end) in SPANS.items()
    }


@pytest.mark.parametrize("name", list(SPANS))
def test_it_writes_what_was_said(
    whisper: Whisper, heard: dict[str, Window], name: str
) -> None:
    assert whisper.decode([heard[name]])[0].text == SAID[name]


@pytest.mark.parametrize("beam", [1, 5])
def test_it_decodes_a_batch_as_one_by_one(
    whisper: Whisper, heard: dict[str, Window], beam: int
) -> None:
    windows = list(heard.values())
    together = whisper.decode(windows, beam)
    alone = [whisper.decode([one], beam)[0] for one in windows]
    for one, other in zip(together, alone, strict=True):
        assert one.text == other.text
        assert one.confidence == pytest.approx(other.confidence, abs=0.01)
        assert starts(one) == pytest.approx(starts(other), abs=0.021)  # one step


def test_it_asks_a_beam_as_well_where_greedy_search_is_not_sure(
    whisper: Whisper, heard: dict[str, Window], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The likelier one counts: the greedy "no", and the beam's "new" for "so"."""
    greedy = [line("yes", 0.9), line("no", 0.65), line("so", 0.5)]
    wider = [line("nah", 0.6), line("new", 0.8)]
    asked: list[tuple[list[Window], int]] = []

    def decode(self: Whisper, windows: list[Window], search: Search) -> list[Decoded]:
        asked.append((windows, search.beam))
        return list(greedy if search.beam == 1 else wider)

    monkeypatch.setattr(Whisper, "_decode", decode)
    windows = list(heard.values())
    texts = [line.text for line in whisper.decode(windows, 5)]
    assert texts == ["yes", "no", "new"]
    assert asked == [(windows, 1), (windows[1:], 5)]


class Counting:
    """CTranslate2's model, and how often its encoder is asked."""

    def __init__(self, model: Any) -> None:
        self._model = model
        self.encoded = 0

    def __getattr__(self, name: str) -> Any:
        self.encoded += name == "encode"
        return getattr(self._model, name)


def test_it_encodes_a_window_once_for_both_searches(
    whisper: Whisper, heard: dict[str, Window], monkeypatch: pytest.MonkeyPatch
) -> None:
    ben, carol, anna = heard.values()
    whisper.decode([anna])
    counting = Counting(whisper._model)
    monkeypatch.setattr(whisper, "_model", counting)
    monkeypatch.setattr(tries, "_SURE", 1.1)
    texts = [whisper.decode([one], 5)[0].text for one in (ben, carol, ben)]
    assert counting.encoded == 3
    assert texts[0] == texts[2] != texts[1]


def line(text: str, *probabilities: float) -> Decoded:
    words = tuple(Word(text, 0.0, 0.1, probability) for probability in probabilities)
    return Decoded(text, "en", min(probabilities), 0.0, words)


def starts(line: Decoded) -> list[float]:
    return [word.start for word in line.words]


def test_it_times_words_in_a_batch_where_only_some_ask_for_it(
    whisper: Whisper, heard: dict[str, Window]
) -> None:
    ben, carol, anna = heard.values()
    quiet = dataclasses.replace(carol, word_times=False)
    lines = whisper.decode([ben, quiet, anna])
    assert [bool(line.words) for line in lines] == [True, False, True]
    assert starts(lines[2]) == pytest.approx(
        starts(whisper.decode([anna])[0]), abs=0.021
    )


def test_it_mixes_languages_in_a_batch(
    whisper: Whisper, heard: dict[str, Window]
) -> None:
    ben, carol, anna = heard.values()
    mixed = [ben, dataclasses.replace(carol, language="fr"), anna]
    lines = whisper.decode(mixed)
    assert [line.language for line in lines] == ["en", "fr", "en"]
    assert all(line.words for line in lines)


def test_it_detects_the_language_of_those_that_have_none(
    whisper: Whisper, heard: dict[str, Window]
) -> None:
    ben, carol, anna = heard.values()
    lines = whisper.decode([dataclasses.replace(ben, language=None), anna])
    assert lines[0].languages[0][0] == lines[0].language == "en"
    assert lines[1].languages == ()


def test_it_detects_among_the_allowed_languages_only(
    whisper: Whisper, heard: dict[str, Window]
) -> None:
    asked = dataclasses.replace(heard["ben"], language=None, allowed=("fr", "de"))
    line = whisper.decode([asked])[0]
    assert line.language in ("fr", "de")
    assert {code for code, _ in line.languages} == {"fr", "de"}


def test_it_gives_words_with_their_marks_in_order(
    whisper: Whisper, heard: dict[str, Window]
) -> None:
    words = whisper.decode([heard["ben"]])[0].words
    assert " ".join(word.text for word in words) == SAID["ben"]
    times = [time for word in words for time in (word.start, word.end)]
    assert times == sorted(times)
    assert times[0] >= 0 and times[-1] <= 2.6
    assert all(0 < word.probability <= 1 for word in words)


def test_it_writes_nothing_for_silence(whisper: Whisper) -> None:
    silence = window(whisper, np.zeros(32_000, np.int16), 0, 2)
    line = whisper.decode([silence])[0]
    assert (line.text, line.words) == ("", ())


def test_it_stops_a_window_that_would_never_end(whisper: Whisper) -> None:
    noise = np.random.default_rng(3).normal(0, 6000, 32_000).astype(np.int16)
    line = whisper.decode([window(whisper, noise, 0, 2)])[0]
    assert len(line.text.split()) <= 26  # 12 tokens and 7 for each second


def test_it_detects_the_language_where_the_model_lacks_the_one_that_was_named(
    whisper: Whisper, heard: dict[str, Window]
) -> None:
    """Cantonese came with large-v3: no other model has a token for it."""
    assert whisper.knows("en")
    assert not whisper.knows("yue")
    window = dataclasses.replace(heard["anna"], language="yue")
    assert whisper.decode([window])[0].language == "en"


class Looping(Whisper):
    """A model that never finds out of a loop; notes how it was asked."""

    name, revision = "looping", ""

    def __init__(self) -> None:
        self.asked: list[tuple[int, Search]] = []

    def _decode(self, windows: Sequence[Window], search: Search) -> list[Decoded]:
        self.asked += [(window.mel.shape[1], search) for window in windows]
        return [line("never mind that " * 9, 0.9) for _ in windows]


@pytest.mark.parametrize(
    ("beam", "lengths"), [(1, [1200, 1500, 1200]), (5, [1200, 1500] + [3000] * 4)]
)
def test_people_do_not_wait_for_every_way_out_of_a_loop(
    beam: int, lengths: list[int]
) -> None:
    looping = Looping()
    mel = np.zeros((80, 1200), np.float32)
    looping.decode([Window(mel, 900, "en", word_times=True)], beam)
    assert [length for length, _ in looping.asked] == lengths
    assert looping.asked[-1][1].no_repeat

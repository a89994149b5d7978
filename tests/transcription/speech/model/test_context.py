"""A prompt and a vocabulary are context: they steer the text and are never in it."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.spoken_call import Tracks
from transcription.speech.audio.features import HOP, MelBuffer
from transcription.speech.audio.sound import SlidingBuffer, to_float
from transcription.speech.engine.batching import Costs, batch
from transcription.speech.engine.captions import Caption
from transcription.speech.engine.engine import Engine
from transcription.speech.filters import Rules
from transcription.speech.model.context import previous_text
from transcription.speech.model.whisper import Whisper
from transcription.speech.model.windows import Decoded, Window

BEN = "Good morning Anna, how are you today?"
CAROL = "Yes, I can hear you."
NAMES = "Anna, Ben, Carol. Good afternoon, everybody."
LONG = "We talk about the phone and the sales team. " * 40  # over 223 tokens


@pytest.fixture(scope="module")
def whisper(model_folder: Path) -> Whisper:
    return Whisper.load(model_folder, "cpu", "int8", 1)


@pytest.fixture(scope="module")
def ben(whisper: Whisper, tracks: Tracks) -> Window:
    return window(whisper, tracks["ben"][int(16_000 * 7.6) : int(16_000 * 10.2)])


@pytest.fixture(scope="module")
def carol(whisper: Whisper, tracks: Tracks) -> Window:
    return window(whisper, tracks["carol"][int(16_000 * 14.2) : int(16_000 * 16.1)])


def window(whisper: Whisper, samples: NDArray[np.int16]) -> Window:
    sound = SlidingBuffer()
    sound.append(to_float(samples))
    end = len(samples) // HOP * HOP
    mel, frames = MelBuffer(sound).window(whisper.bank, 0, end, 400)
    return Window(mel, frames, "en", word_times=True)


def test_it_puts_the_names_before_the_style() -> None:
    rules = Rules("en", prompt="Good afternoon.", vocabulary=("Anna", "Earshot"))
    assert previous_text("en", lambda code: rules) == "Anna, Earshot. Good afternoon."


@pytest.mark.parametrize("language", ["en", None])
def test_it_says_nothing_without_rules_or_language(language: str | None) -> None:
    assert previous_text(language, Rules) == ""


def test_it_writes_the_words_and_not_their_context(
    whisper: Whisper, ben: Window
) -> None:
    (line,) = whisper.decode([replace(ben, previous=NAMES)])
    assert line.text == BEN
    assert " ".join(word.text for word in line.words) == BEN


@pytest.mark.parametrize("beam", [1, 5])
def test_it_decodes_a_batch_with_context_as_one_by_one(
    whisper: Whisper, ben: Window, carol: Window, beam: int
) -> None:
    windows = [replace(one, previous=NAMES) for one in (ben, carol)]
    together = whisper.decode(windows, beam)
    assert [line.text for line in together] == [BEN, CAROL]
    for line, alone in zip(together, windows, strict=True):
        confidence = whisper.decode([alone], beam)[0].confidence
        assert line.confidence == pytest.approx(confidence, abs=0.01)


def test_it_hears_the_context(whisper: Whisper, ben: Window) -> None:
    """The same sound is believed otherwise when something else was said before."""
    plain, told = whisper.decode([ben]), whisper.decode([replace(ben, previous=NAMES)])
    assert told[0].confidence != plain[0].confidence


def test_it_tries_again_without_a_context_that_the_model_cannot_follow(
    whisper: Whisper, ben: Window
) -> None:
    (line,) = whisper.decode([replace(ben, previous=LONG)])
    assert line.text == BEN


def test_it_takes_steering_tokens_for_text(whisper: Whisper, ben: Window) -> None:
    (line,) = whisper.decode([replace(ben, previous="<|endoftext|><|fr|> Anna")])
    assert (line.text, line.language) == (BEN, "en")


@dataclass(frozen=True)
class Item:
    frames: int
    previous: str


def test_it_shares_a_call_with_equal_context_only() -> None:
    told, plain = Item(400, NAMES), Item(400, "")
    assert batch([told, plain, told], Costs(), 0.06) == [told, told]
    assert batch([plain, told, plain], Costs(), 0.06) == [plain, plain]


@pytest.fixture
def tuned(model_folder: Path) -> Iterator[tuple[Engine, dict[str, Rules]]]:
    """An engine and the rules by language that it reads."""
    rules: dict[str, Rules] = {}
    engine = Engine(
        model_folder,
        device="cpu",
        cpu_threads=1,
        rules_for=lambda code: rules.get(code) or Rules(code),
    )
    engine.start()
    assert engine.ready.wait(30)
    yield engine, rules
    engine.stop()


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[set[str]]:
    """The previous texts of each call of the model, which goes on."""
    calls: list[set[str]] = []
    decode = Whisper.decode

    def listen(self: Whisper, windows: list[Window], beam: int = 1) -> list[Decoded]:
        calls.append({window.previous for window in windows})
        return decode(self, windows, beam)

    monkeypatch.setattr(Whisper, "decode", listen)
    return calls


def test_it_takes_a_changed_prompt_with_the_next_line(
    tuned: tuple[Engine, dict[str, Rules]], tracks: Tracks, asked: list[set[str]]
) -> None:
    engine, rules = tuned
    asked.clear()  # the warm-up
    heard: list[Caption] = []
    stream = engine.open_stream(heard.append, language="en")
    for second, names in enumerate([(), ("Anna", "Ben")]):
        rules["en"] = Rules("en", vocabulary=names, version=second)
        stream.hear(tracks["carol"][16_000 * 14 : 16_000 * 17], 3.0 * second)
        assert stream.flush(20)
    stream.close()
    assert stream.closed.wait(20)
    finals = [caption for caption in heard if caption.final]
    assert [(line.text, line.version) for line in finals] == [(CAROL, 0), (CAROL, 1)]
    assert (asked[0], asked[-1]) == ({""}, {"Anna, Ben."})


def test_it_gives_context_to_recordings(
    tuned: tuple[Engine, dict[str, Rules]], tracks: Tracks, asked: list[set[str]]
) -> None:
    engine, rules = tuned
    rules["en"] = Rules("en", prompt=NAMES)
    asked.clear()  # the warm-up
    lines = engine.transcribe(tracks["carol"][16_000 * 14 : 16_000 * 17], "en")
    assert [line.text for line in lines] == [CAROL]
    assert asked == [{NAMES}]

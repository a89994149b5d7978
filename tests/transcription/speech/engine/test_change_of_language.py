"""A person's language is changed while a call runs: the next line obeys."""

from time import sleep
from typing import Any

import pytest

from tests.spoken_call import Tracks
from transcription.speech.engine.captions import Caption
from transcription.speech.engine.engine import Engine
from transcription.speech.engine.language import LanguageDetector
from transcription.speech.engine.streams import Stream

SAID = "Yes, I can hear you."


class Line:
    """One person who says the same sentence again and again, in two halves."""

    def __init__(self, engine: Engine, tracks: Tracks, **options: Any) -> None:
        self.finals: list[Caption] = []
        self.stream: Stream = engine.open_stream(self._note, **options)
        self._sound = tracks["carol"][16_000 * 14 : 16_000 * 17]
        self._t = 0.0

    def _note(self, caption: Caption) -> None:
        if caption.final:
            self.finals.append(caption)

    def hear(self, start: float, end: float) -> None:
        """Say a part of the sentence, of 3 s with its pauses, and wait for it."""
        part = self._sound[int(16_000 * start) : int(16_000 * end)]
        for at in range(0, len(part), 1600):
            self.stream.hear(part[at : at + 1600], self._t)
            self._t += 0.1

    def say(self) -> Caption:
        self.hear(0.0, 3.0)
        assert self.stream.flush(20)
        return self.finals[-1]

    def close(self) -> None:
        self.stream.close()
        assert self.stream.closed.wait(20)


def test_it_takes_another_language_with_the_next_line(
    engine: Engine, tracks: Tracks
) -> None:
    line = Line(engine, tracks)
    before = line.say()
    line.stream.set_language("fr")
    after = line.say()
    line.close()
    assert (before.language, after.language) == ("en", "fr")
    assert before.text == after.text == SAID


def test_it_loses_no_word_of_the_line_in_flight(engine: Engine, tracks: Tracks) -> None:
    line = Line(engine, tracks, language="en")
    line.hear(0.0, 1.3)
    while not line.stream.track.utterance:  # the ears have their own thread
        sleep(0.005)
    line.stream.set_language("fr")
    line.hear(1.3, 3.0)
    assert line.stream.flush(20)
    line.say()
    line.close()
    assert [(final.language, final.text) for final in line.finals] == [
        ("en", SAID),
        ("fr", SAID),
    ]


def test_it_detects_the_language_again(engine: Engine, tracks: Tracks) -> None:
    line = Line(engine, tracks, language="fr")
    line.say()
    line.stream.set_language(None)
    again = line.say()
    line.close()
    assert again.language == "en"


def test_it_detects_among_other_languages(engine: Engine, tracks: Tracks) -> None:
    line = Line(engine, tracks)
    first = line.say()
    line.stream.set_allowed(["fr", "de"])
    second = line.say()
    line.close()
    assert first.language == "en"
    assert second.language in ("fr", "de")


@pytest.mark.parametrize("code", ["klingon", "english", "e n"])
def test_it_refuses_a_wrong_code_and_keeps_the_old(engine: Engine, code: str) -> None:
    stream = engine.open_stream(lambda caption: None, language="fr", allowed=["fr"])
    with pytest.raises(ValueError, match="Whisper knows no language"):
        stream.set_language(code)
    with pytest.raises(ValueError, match="Whisper knows no language"):
        stream.set_allowed([code])
    stream.close()
    assert (stream.detector.language, stream.detector.allowed) == ("fr", ("fr",))


def test_it_keeps_a_detected_language_that_is_still_allowed() -> None:
    detector = LanguageDetector()
    detector.vote([("fr", 0.9)], seconds=3.0)
    assert detector.among(["fr", "en"]).language == "fr"
    assert detector.among([]).language == "fr"
    assert detector.among(["en"]).language is None


def test_it_keeps_a_given_language_whatever_may_be_detected() -> None:
    assert LanguageDetector("fr").among(["en"]).language == "fr"

"""Where a long utterance is cut, by words that a model said at these times."""

import numpy as np
import pytest

from transcription.speech.audio.endpoint import EndpointRules
from transcription.speech.audio.sound import SAMPLE_RATE
from transcription.speech.engine.captions import Word
from transcription.speech.engine.cutting import divide, place, settle, whole
from transcription.speech.engine.open_utterance import OpenUtterance, Settled
from transcription.speech.engine.voice_track import VoiceTrack
from transcription.speech.model.windows import Decoded

SECONDS = 13
QUIET = (7.0, 7.1)  # the one short silence in the noise


@pytest.fixture
def track() -> VoiceTrack:
    """Noise that the voice activity detector is told to take for speech."""
    noise = np.random.default_rng(1).normal(0, 0.1, SECONDS * SAMPLE_RATE)
    noise[int(QUIET[0] * SAMPLE_RATE) : int(QUIET[1] * SAMPLE_RATE)] = 0
    track = VoiceTrack(rules=EndpointRules(longest=8.0, overdue=12.0))
    windows = np.ones(SECONDS * SAMPLE_RATE // 512)
    track.take(noise.astype(np.float32), windows.astype(np.float32), 0.0)
    return track


def words(*times: tuple[float, float]) -> tuple[Word, ...]:
    return tuple(Word("word", start, end, 0.9) for start, end in times)


def cut(
    track: VoiceTrack, *times: tuple[float, float], end: float
) -> tuple[float, int]:
    """Seconds after the start of the utterance, and how many words lie before."""
    utterance = _utterance(track)
    found = place(
        track, utterance, words(*times), utterance.start + int(end * SAMPLE_RATE)
    )
    assert found
    return (found.at - utterance.start) / SAMPLE_RATE, found.words


def _utterance(track: VoiceTrack) -> OpenUtterance:
    assert track.utterance
    assert track.utterance.start == 0
    return track.utterance


def test_it_cuts_between_words_where_it_is_quiet(track: VoiceTrack) -> None:
    at, count = cut(track, (4, 5), (5.2, 6.9), (7.2, 8), (8, 9), end=10)
    assert QUIET[0] <= at <= QUIET[1]
    assert count == 2


def test_it_waits_for_a_better_place_while_there_is_time(track: VoiceTrack) -> None:
    assert (
        place(track, _utterance(track), words((1, 2), (2, 3)), 10 * SAMPLE_RATE) is None
    )


def test_what_comes_after_the_last_word_is_heard_again(track: VoiceTrack) -> None:
    """The decoder stopped after 3 of 12 s: nothing says that the rest was silent."""
    at, count = cut(track, (1, 2), (2, 3), end=12)
    assert at == pytest.approx(3, abs=0.2)
    assert count == 2


@pytest.mark.parametrize("times", [(), ((0.0, 0.5),), ((0.0, 11.9),)])
def test_it_cuts_where_it_is_quietest_when_words_do_not_help(
    track: VoiceTrack, times: tuple[tuple[float, float], ...]
) -> None:
    at, count = cut(track, *times, end=12)
    assert QUIET[0] <= at <= QUIET[1]
    assert count == sum(end <= at for _, end in times)


@pytest.mark.parametrize(
    ("text", "spoken", "parts"),
    [
        ("L'e-mail part.", ["L", "'e", "-mail", "part."], ("L'e", "-mail part.")),
        ("3.5 is fine", ["3", ".5", "is", "fine"], ("3.5", "is fine")),
        ("こんにちは。", ["こん", "に", "ち", "は。"], ("こんに", "ちは。")),
    ],
)
def test_it_divides_a_text_as_it_is_written(
    text: str, spoken: list[str], parts: tuple[str, str]
) -> None:
    line = Decoded(text, "fr", 0.9, 0.0, tuple(Word(one, 0, 0, 0.9) for one in spoken))
    first, rest = divide(line, 2)
    assert (first.text, rest.text) == parts
    assert [word.text for word in first.words] == spoken[:2]
    whole, nothing = divide(line, 4)
    assert (whole.text, nothing.text) == (text, "")


def test_a_window_slides_over_words_that_ended_two_seconds_ago(
    track: VoiceTrack,
) -> None:
    """It keeps the last of them: what follows is heard wrong without."""
    utterance = _utterance(track)
    line = Decoded("a b c d", "en", 0.9, 0.0, words((1, 2), (3, 4), (7.2, 8), (8, 9)))
    settled = settle(track, utterance, line, 10 * SAMPLE_RATE)
    assert settled
    assert (settled.said.text, len(settled.said.words)) == ("a b c", 3)
    assert settled.until == pytest.approx(8, abs=0.2)
    assert QUIET[0] - 2 <= settled.base / SAMPLE_RATE <= QUIET[1]
    assert settled.overlap == 1
    assert settle(track, utterance, line, 5 * SAMPLE_RATE) != settled


def test_it_does_not_slide_over_words_that_may_change(track: VoiceTrack) -> None:
    line = Decoded("a b", "en", 0.9, 0.0, words((1, 2), (2.1, 3)))
    assert settle(track, _utterance(track), line, 3 * SAMPLE_RATE) is None


def spoken(text: str, *times: tuple[float, float]) -> Decoded:
    said = tuple(
        Word(one, start, end, 0.9)
        for one, (start, end) in zip(text.split(), times, strict=True)
    )
    return Decoded(text, "en", 0.9, 0.1, said)


SETTLED = Settled(
    3 * SAMPLE_RATE,
    spoken("we say, who cares.", (0, 1), (1, 2), (2, 4), (4, 5)),
    5.0,
    2,
)


@pytest.mark.parametrize(
    ("window", "line"),
    [
        ("who cares this is me", "we say, who cares. this is me"),
        ("Hoo cares. This is me", "we say, who cares. This is me"),
        ("cares this is me", "we say, who cares. this is me"),
        ("", "we say, who cares."),
    ],
)
def test_what_is_settled_and_what_a_window_adds_are_one_line(
    window: str, line: str
) -> None:
    untimed = Decoded(window, "en", 0.5, 0.2)
    found = whole(SETTLED, untimed, SAMPLE_RATE)
    assert found.text == line
    assert (found.confidence, found.no_speech) == (0.5, 0.1)


def test_word_times_tell_what_a_window_adds() -> None:
    """Also where it holds none of the settled words, as far as it can be understood."""
    window = spoken("this is me", (3.1, 3.4), (3.4, 3.6), (3.6, 4))
    found = whole(SETTLED, window, SAMPLE_RATE)
    assert found.text == "we say, who cares. this is me"
    assert [(word.start, word.end) for word in found.words][-1] == (5.6, 6)


def test_without_anything_settled_a_window_is_the_line() -> None:
    window = spoken("this is me", (3.1, 3.4), (3.4, 3.6), (3.6, 4))
    assert whole(None, window, SAMPLE_RATE) is window

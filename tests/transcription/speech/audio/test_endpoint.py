"""Where utterances begin, pause and end, from scripted probabilities."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from transcription.speech.audio.endpoint import Endpoint, EndpointRules, Mark
from transcription.speech.audio.vad import windows


def marks(script: list[tuple[float, float]]) -> list[tuple[int, Mark]]:
    """Marks by window, for (seconds, probability) stretches."""
    endpoint, heard = Endpoint(), []
    for seconds, probability in script:
        for _ in range(windows(seconds)):
            mark = endpoint.hear(probability)
            if mark:
                heard.append((endpoint.heard, mark))
    return heard


def test_it_marks_one_utterance() -> None:
    assert [mark for _, mark in marks([(1, 0), (2, 0.9), (1, 0)])] == [
        Mark.START,
        Mark.PAUSE,
        Mark.END,
    ]


def test_it_ends_a_short_utterance_after_450_ms() -> None:
    *_, (end, mark) = marks([(1, 0.9), (1, 0)])
    assert mark is Mark.END
    assert end - windows(1) == windows(0.45)


def test_it_ends_a_long_utterance_at_a_breath() -> None:
    assert Mark.END in dict(marks([(9.9, 0.9), (0.23, 0), (1, 0.9)])).values()
    assert Mark.END not in dict(marks([(2, 0.9), (0.23, 0), (1, 0.9)])).values()


def test_it_asks_for_a_cut_once_when_nobody_pauses() -> None:
    heard = [mark for _, mark in marks([(20, 0.9)])]
    assert heard == [Mark.START, Mark.LONG]


def test_it_asks_for_a_cut_again_after_a_cut() -> None:
    endpoint = Endpoint()
    first = [endpoint.hear(0.9) for _ in range(windows(15.1))]
    endpoint.cut(windows(14))
    second = [endpoint.hear(0.9) for _ in range(windows(15))]
    assert first.count(Mark.LONG) == second.count(Mark.LONG) == 1


def test_it_stays_in_speech_between_the_two_thresholds() -> None:
    assert [mark for _, mark in marks([(1, 0.9), (1, 0.4), (1, 0.9)])] == [Mark.START]
    assert marks([(3, 0.4)]) == []


@given(st.lists(st.floats(0, 1), max_size=2000))
def test_it_never_ends_what_did_not_begin(probabilities: list[float]) -> None:
    endpoint, running = Endpoint(), False
    for probability in probabilities:
        mark = endpoint.hear(probability)
        if mark is Mark.START:
            assert not running
            running = True
        elif mark:
            assert running
            running = mark is not Mark.END
        assert (endpoint.begun is not None) == running


@given(st.floats(0, 60), st.floats(0, 60))
def test_it_asks_for_less_silence_the_longer_someone_speaks(
    one: float, other: float
) -> None:
    rules, (short, long) = EndpointRules(), sorted((one, other))
    assert rules.silence_after(short) >= rules.silence_after(long)


@pytest.mark.parametrize(("length", "silence"), [(0, 0.45), (3, 0.45), (10, 0.22)])
def test_it_knows_the_silence_that_ends(length: float, silence: float) -> None:
    assert EndpointRules().silence_after(length) == pytest.approx(silence)

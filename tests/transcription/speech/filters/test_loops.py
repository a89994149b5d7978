import pytest
from hypothesis import given
from hypothesis import strategies as st

from transcription.speech.engine.captions import Word
from transcription.speech.filters.draft import Draft, Evidence, Rules
from transcription.speech.filters.loops import collapse_loops

SURE = Evidence(0.0, 3.0, ((0.0, 3.0),), confidence=0.9)
UNSURE = Evidence(0.0, 3.0, ((0.0, 3.0),), confidence=0.3)


def left(text: str, evidence: Evidence = SURE) -> str:
    return collapse_loops(Draft(text), evidence, Rules("en")).text


@pytest.mark.parametrize("text", ["No, no, no.", "Yes yes", "Ha ha ha!", "no no no"])
def test_people_repeat_a_word_up_to_three_times(text: str) -> None:
    assert left(text) == text


def test_people_repeat_two_words_when_they_have_the_time() -> None:
    text = "Okay, got it got it got it."
    assert left(text) == text
    hasty = Evidence(0.0, 3.0, ((0.0, 0.9),), confidence=0.9)
    assert left(text, hasty) == "Okay, got it"


def test_people_repeat_one_word_more_often_when_they_have_the_time() -> None:
    text = "some more words, words, words, words."
    assert left(text) == text
    hasty = Evidence(0.0, 3.0, ((0.0, 0.9),), confidence=0.9)
    assert left(text, hasty) == "some more words, words, words,"


def test_a_word_that_goes_on_is_kept_three_times() -> None:
    assert left("No no no no no no no") == "No no no"


def test_an_unsure_word_is_kept_once() -> None:
    assert left("The the the", UNSURE) == "The"


def test_a_phrase_said_twice_stays() -> None:
    text = "Can you hear me? Can you hear me?"
    assert left(text) == text


def test_a_phrase_that_loops_is_kept_once() -> None:
    text = "I will send you the proposal. " * 9
    assert left(text.strip()) == "I will send you the proposal."


def test_text_around_a_loop_stays() -> None:
    text = "We start. you know you know you know you know And we end."
    assert left(text) == "We start. you know And we end."


def test_case_and_punctuation_do_not_hide_a_loop() -> None:
    assert left("I thank you, I THANK YOU. i thank you!") == "I thank you,"


def test_a_script_without_spaces_loops_too() -> None:
    assert left("価格は" + "高い" * 8 + "です") == "価格は高いです"


def test_the_words_of_the_loop_go_and_are_in_the_ledger() -> None:
    words = tuple(Word("go", n, n + 0.5, 0.2) for n in range(5))
    cleaned = collapse_loops(Draft("go go go go go", words), UNSURE, Rules("en"))
    assert cleaned.words == words[:1]
    (removal,) = cleaned.removals
    assert (removal.raw, removal.start, removal.end) == ("go go go go", 1, 4.5)
    assert removal.reason == "loop"


@given(st.lists(st.sampled_from(["a", "b", "c"]), max_size=12))
def test_running_it_again_changes_nothing(words: list[str]) -> None:
    once = left(" ".join(words))
    while left(once) != once:  # a collapse may bring equal neighbours together
        shorter = left(once)
        assert len(shorter) < len(once)
        once = shorter


@given(st.lists(st.sampled_from([f"w{n}" for n in range(50)]), unique=True))
def test_a_line_without_repeats_is_left_alone(words: list[str]) -> None:
    text = " ".join(words)
    assert left(text) == text

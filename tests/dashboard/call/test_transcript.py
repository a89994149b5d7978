"""Lines as the page shows them."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from dashboard.call.transcript import ShownWord, lines_of, words_of
from transcription.models import Utterance

ANNA, BEN, CAROL = 1, 2, 3


def columns(*lines: tuple[int, int, int]) -> list[int]:
    rows = [
        Utterance(participant_id=who, start_ms=start, end_ms=end, text="x")
        for who, start, end in lines
    ]
    return [line.column for line in lines_of(rows)]


def test_it_cuts_text_at_its_words() -> None:
    words = [["Well,", 100, 200, 0.9], ["yes.", 300, 400, 0.3]]
    assert words_of("Well, yes.", words, 100) == [
        ShownWord("Well,", 100, False, " "),
        ShownWord("yes.", 300, True, ""),
    ]


def test_it_shows_text_whose_words_are_unknown() -> None:
    assert words_of("Hello there", [], 500) == [ShownWord("Hello there", 500)]
    assert words_of("Hello", [["Other", 1, 2, 0.9]], 500) == [ShownWord("Hello", 500)]


@given(
    st.text(), st.lists(st.tuples(st.text(max_size=3), st.integers(0, 9)), max_size=9)
)
def test_it_never_loses_text(text: str, said: list[tuple[str, int]]) -> None:
    timed: list[list[Any]] = [[word, start, start, 0.9] for word, start in said]
    words = words_of(text, timed, 0)
    assert "".join(word.text + word.after for word in words) == text


def test_it_leaves_lines_in_turn_alone() -> None:
    assert columns((ANNA, 0, 1000), (BEN, 900, 2000), (ANNA, 2100, 3000)) == [0, 0, 0]


def test_it_puts_voices_at_once_side_by_side() -> None:
    assert columns((ANNA, 0, 3000), (BEN, 1000, 2000), (ANNA, 4000, 5000)) == [1, 2, 0]


def test_it_puts_a_short_answer_beside_what_it_is_said_into() -> None:
    assert columns((BEN, 0, 480), (CAROL, 290, 580)) == [1, 2]  # "Yes." and "Yes."
    assert columns((ANNA, 0, 5000), (BEN, 2000, 2300)) == [1, 2]
    assert columns((BEN, 0, 480), (CAROL, 400, 700)) == [0, 0]
    assert columns((ANNA, 0, 3000), (BEN, 1000, 1300), (CAROL, 1100, 1400)) == [1, 2, 3]


def test_it_gives_each_of_three_voices_a_third_and_makes_a_fourth_share() -> None:
    at_once = [(who, 100 * who, 3000) for who in (ANNA, BEN, CAROL, 4)]
    assert columns(*at_once[:3]) == [1, 2, 3]
    assert columns(*at_once) == [1, 2, 3, 1]


def test_it_names_a_person_once_for_lines_that_follow_each_other() -> None:
    rows = [
        Utterance(participant_id=who, start_ms=start, end_ms=start + 900, text="x")
        for who, start in ((ANNA, 0), (ANNA, 1000), (BEN, 2000), (ANNA, 3000))
    ]
    assert [line.goes_on for line in lines_of(rows)] == [False, True, False, False]


def test_it_keeps_a_person_on_one_side() -> None:
    assert columns(
        (ANNA, 0, 5000), (BEN, 1000, 2000), (BEN, 2500, 4000), (CAROL, 3000, 6000)
    ) == [1, 2, 2, 3]


def test_it_does_not_put_a_person_beside_themselves() -> None:
    assert columns((ANNA, 0, 3000), (ANNA, 1000, 4000)) == [0, 0]

"""How interim words settle."""

from hypothesis import given
from hypothesis import strategies as st

from transcription.speech.engine.captions import Stabiliser, normal, units


def test_it_shows_a_word_at_once_and_settles_it_when_it_stays() -> None:
    line = Stabiliser()
    assert line.update("We lost", 1.0) == ("", "We lost")
    assert line.update("We lost the", 1.2) == ("", "We lost the")
    assert line.update("We lost the deal", 1.4) == ("We lost", " the deal")


def test_it_changes_interim_words_only() -> None:
    line = Stabiliser()
    line.update("I see", 1.0)
    line.update("I see", 1.4)
    assert line.update("I sea monsters", 1.5) == ("I see", " monsters")


def test_it_does_not_settle_a_word_that_keeps_changing() -> None:
    line = Stabiliser()
    for step, text in enumerate(["North", "Northern", "Northwind", "North by"]):
        stable, _ = line.update(text, 1 + step * 0.4)
        assert stable == ""


def test_words_that_come_back_are_shown_all_the_time() -> None:
    line = Stabiliser()
    line.update("We lost the deal", 1.0)
    assert line.update("We lost.", 1.1) == ("", "We lost the deal")
    assert line.update("", 1.2) == ("", "We lost the deal")
    assert line.update("We lost the deal", 1.25) == ("", "We lost the deal")


def test_words_that_do_not_come_back_go() -> None:
    line = Stabiliser()
    line.update("Thank you", 1.0)
    assert line.update("", 1.1) == ("", "Thank you")
    assert line.update("", 1.35) == ("", "Thank you")
    assert line.update("", 1.45) == ("", "")


def test_words_that_were_away_settle_later() -> None:
    line = Stabiliser()
    line.update("We lost the", 1.0)
    line.update("We lost", 1.2)
    assert line.update("We lost the", 1.35) == ("We lost", " the")
    assert line.update("We lost the", 1.5) == ("We lost the", "")


def test_other_words_take_their_place_at_once() -> None:
    line = Stabiliser()
    line.update("Fifteen people", 1.0)
    assert line.update("Fifty", 1.1) == ("", "Fifty")


def test_it_takes_a_new_comma_for_the_same_word() -> None:
    line = Stabiliser()
    line.update("Hello everyone", 1.0)
    assert line.update("Hello, everyone", 1.4) == ("Hello, everyone", "")


def test_it_keeps_stable_words_when_the_model_falls_silent() -> None:
    line = Stabiliser()
    line.update("Good morning", 1.0)
    line.update("Good morning", 1.5)
    assert line.update("", 1.6) == ("Good morning", "")


def test_it_settles_scripts_without_spaces_by_character() -> None:
    assert units("今日は good") == ["今", "日", "は", " good"]


@given(st.text())
def test_it_loses_nothing_between_units(text: str) -> None:
    assert "".join(units(text)) == text.rstrip() or not text.strip()


@given(st.lists(st.lists(st.sampled_from("abcd"), max_size=6), max_size=20))
def test_it_never_takes_a_stable_word_back(updates: list[list[str]]) -> None:
    line, before = Stabiliser(), ""
    for step, words in enumerate(updates):
        stable, _ = line.update(" ".join(words), step * 0.16)
        assert stable.startswith(before)
        before = stable


def test_it_compares_words_without_case_and_marks() -> None:
    assert normal("Hello,") == normal("hello") == "hello"
    assert normal("don't!") == "don't"


def test_words_that_settled_are_found_in_a_text_that_has_more_of_them() -> None:
    """Taken by their number, "some" would be shown twice."""
    stabiliser = Stabiliser()
    for heard in (1.0, 1.4):
        stabiliser.update("We're just you know, there's some", heard)
    stable, interim = stabiliser.update(
        "We are just, you know, there's some speakers.", 1.6
    )
    assert stable.endswith("there's some")
    assert interim == " speakers."


def test_words_that_settled_are_found_in_a_text_that_has_fewer_of_them() -> None:
    stabiliser = Stabiliser()
    for heard in (1.0, 1.4):
        stabiliser.update("it is going on and on we are", heard)
    _, interim = stabiliser.update("it's going on we are just saying", 1.6)
    assert interim == " just saying"

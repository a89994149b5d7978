"""Quotes: what is marked, what is shown around it, and where it plays."""

from hypothesis import given
from hypothesis import strategies as st

from dashboard.search.parsing import parse
from dashboard.search.quotes import AFTER, BEFORE, QuotePart, matches, quote, time_of


def shown(text: str, query: str) -> str:
    pieces = quote(text, matches(text, parse(query).phrases))
    return "".join(f"[{p.text}]" if p.marked else p.text for p in pieces)


def test_it_marks_every_word_that_matched() -> None:
    text = "The price, our PRICE, is prices."
    assert shown(text, "price") == "The [price], our [PRICE], is prices."


def test_it_marks_a_phrase_as_one() -> None:
    text = "Call me next week, not next year."
    assert shown(text, '"next week"') == "Call me [next week], not next year."


def test_it_marks_what_an_accent_or_a_prefix_found() -> None:
    assert shown("Crème brûlée!", "brulee crem*") == "[Crème] [brûlée]!"


def test_it_marks_inside_a_run_without_spaces() -> None:
    assert shown("この価格は高い", "価格は") == "この[価格は]高い"
    assert shown("この価格は高い", "い") == "この価格は高[い]"


def test_it_shows_the_stretch_around_the_first_match() -> None:
    text = "before " * 50 + "target" + " after" * 50
    answer = shown(text, "target")
    assert answer.startswith("... before")
    assert answer.endswith("after ...")
    assert "[target]" in answer
    assert len(answer) < BEFORE + AFTER + 20


@given(st.text(), st.text())
def test_it_never_loses_or_repeats_text(text: str, query: str) -> None:
    pieces = quote(text[:150], matches(text[:150], parse(query).phrases))
    assert "".join(p.text for p in pieces).replace("... ", "").replace(
        " ...", ""
    ) in text.replace("... ", "").replace(" ...", "")


def test_it_finds_the_time_of_a_place_in_the_text() -> None:
    words = [[0, 500], [3, 800], [9, 1200]]
    assert [time_of(words, at) for at in (0, 2, 3, 8, 9, 50)] == [
        *(500, 500, 800, 800, 1200, 1200)
    ]


def test_it_marks_nothing_in_text_without_a_match() -> None:
    assert quote("Nothing here", []) == [QuotePart("Nothing here")]

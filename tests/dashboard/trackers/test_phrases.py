"""Phrases found in normalised text."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.search.normal import normal, tokens
from dashboard.trackers.phrases import compiled
from dashboard.trackers.wanted import WantedPhrases


def found(
    text: str, *phrases: str, without: tuple[str, ...] = (), related: str = ""
) -> list[str]:
    """What of ``text`` stands where a phrase was found."""
    wanted = WantedPhrases({related: phrases}, without, bool(related))
    where = list(tokens(text))
    return [
        text[where[first].start : where[last].end]
        for (first, last), _ in compiled(wanted).places(normal(text))
    ]


@pytest.mark.parametrize(
    ("text", "phrase", "there"),
    [
        ("What is the PRICE?", "price", ["PRICE"]),
        ("The price-list, the price list", "price list", ["price-list", "price list"]),
        ("Le prix négocié", "negocie", ["négocié"]),
        ("ＰＲＩＣＥ", "price", ["ＰＲＩＣＥ"]),
        ("C++ or C", "c++", ["C++"]),
        ("C++ or C", "c", ["C"]),
        ("この価格は高いです", "価格", ["価格"]),
        ("この価格は高いです", "高い", ["高い"]),
        ("이번 예산은 얼마입니까", "예산", ["예산"]),
    ],
)
def test_it_finds(text: str, phrase: str, there: list[str]) -> None:
    assert found(text, phrase) == there


@pytest.mark.parametrize(
    ("text", "phrase"),
    [
        ("priceless prices", "price"),
        ("the list of prices", "price list"),
        ("reprice it", "price"),
        ("anything", ""),
        ("anything", "?!"),
        ("", "price"),
        ("aaaaaaaaaaaaaaaaaaaaaaaaaaaa!", "(a+)+$"),
        ("price", "pr.ce"),
        ("price", "[a-z]+"),
        ("price", ".*"),
    ],
)
def test_it_does_not_find(text: str, phrase: str) -> None:
    assert found(text, phrase) == []


def test_what_looks_like_a_regular_expression_is_text() -> None:
    assert found("we said (a|b) twice", "(a|b)") == ["a|b"]


def test_the_first_that_begins_and_then_the_longest_counts() -> None:
    phrases = ("not in budget", "in budget this year", "budget", "not in")
    assert found("It is not in budget this year", *phrases) == ["not in budget"]
    assert found("not in it, budget, budget", *phrases) == [
        *("not in", "budget", "budget")
    ]


def test_one_that_is_left_out_takes_the_words_that_it_covers() -> None:
    text = "the price list, a half price, and the price of all"
    without = ("price list", "half price")
    assert found(text, "price", without=without) == ["price"]
    assert found("the price list", "price list", without=("price list",)) == []


def test_it_finds_related_forms_when_asked() -> None:
    text = "Pricing, priced, prices and the next steps"
    assert found(text, "price", "next step") == []
    related = found(text, "price", "next step", related="en")
    assert related == ["Pricing", "priced", "prices", "next steps"]


WORDS = st.lists(
    st.sampled_from(["a", "b", "a b", "Ä", "c++", "高い", "い"]), max_size=8
)


@given(WORDS, st.lists(st.sampled_from(["a", "b", "a b", "b a", "a a b"]), max_size=4))
def test_hits_never_overlap_and_each_is_a_phrase(
    said: list[str], phrases: list[str]
) -> None:
    text = normal(" ".join(said))
    places = [place for place, _ in compiled(WantedPhrases({"": phrases})).places(text)]
    assert all(a[1] < b[0] for a, b in zip(places, places[1:], strict=False))
    split = text.split(" ")
    assert all(" ".join(split[a : b + 1]) in phrases for a, b in places)


def test_neither_many_phrases_nor_long_lines_hang_it() -> None:
    began = time.process_time()
    many = compiled(WantedPhrases({"": [f"phrase number {n}" for n in range(100_000)]}))
    line = normal("phrase number 99999 and " * 4_000)  # 100 kB
    assert len(many.places(line)) == 4_000
    nested = compiled(WantedPhrases({"": [" ".join("a" * n) for n in range(1, 50)]}))
    assert len(nested.places(" ".join("a" * 50_000))) == 50_000 // 49 + 1
    assert found("x" * 100_000, "x") == []
    assert time.process_time() - began < 20

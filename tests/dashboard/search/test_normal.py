"""Tokens: what counts in a text and where it stood."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.search.normal import LONGEST, normal, tokens


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Hello, World!", "hello world"),
        ("Crème brûlée", "creme brulee"),
        ("STRASSE straße", "strasse strasse"),
        ("ＡＢＣ１２３", "abc123"),
        ("price-list", "price list"),
        ("C++ and C#, R&D", "c++ and c# r d"),
        ("10:30", "10 30"),
        ("a + b", "a b"),
        ("don't", "don t"),
        ("価格は高い", "価格 格は は高 高い い"),
        ("예산은 큽니다", "예산 산은 은 큽니 니다 다"),
        ("돈", "돈"),
        ("ბიუჯეტი", "ბიუჯეტი"),
        ("ｶﾞ", "ガ"),
        ("iPhoneは", "iphone は"),
        ("हिन्दी", "हिन्दी"),
        ("ΟΔΌΣ", "οδοσ"),
        ("\u202eright-to-left\u202c", "right to left"),
        ("<b>bold</b>", "b bold b"),
        ("", ""),
        (" \x00 — ", ""),
    ],
)
def test_it_reads_tokens(text: str, expected: str) -> None:
    assert normal(text) == expected


def test_it_knows_where_each_token_stood() -> None:
    text = "Ｐrice:  Crème"
    spans = [text[token.start : token.end] for token in tokens(text)]
    assert spans == ["Ｐrice", "Crème"]


@given(st.text(st.characters(codec="ascii")))
def test_it_reads_ascii_as_it_reads_any_text(text: str) -> None:
    *found, last = tokens(f"{text} é")
    assert last.text == "e"
    assert list(tokens(text)) == found


def test_it_cuts_what_is_too_long_for_an_index() -> None:
    assert normal("x" * 100_000) == "x" * LONGEST


@given(st.text())
def test_it_makes_the_same_tokens_of_every_spelling(text: str) -> None:
    composed, apart = (unicodedata.normalize(form, text) for form in ("NFC", "NFD"))
    assert normal(composed) == normal(apart)


@given(st.text())
def test_it_makes_tokens_that_no_database_can_misread(text: str) -> None:
    for token in tokens(text):
        assert token.text
        assert not set(token.text) & set(" '\"\\\x00")
        assert 0 <= token.start < token.end <= len(text)

"""The parser: words, phrases, and anything else that a person may type."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.search.query import (
    MAX_TERMS,
    OPEN_QUOTE,
    TOO_LONG,
    TOO_MANY,
    Query,
    Term,
    parse,
)


@pytest.mark.parametrize(
    ("text", "terms"),
    [
        ("budget price", [Term(("budget",)), Term(("price",))]),
        ('"send me" contract', [Term(("send", "me")), Term(("contract",))]),
        ("“send me”", [Term(("send", "me"))]),
        ("price-list", [Term(("price", "list"))]),
        ("10:30", [Term(("10", "30"))]),
        ("C++", [Term(("c++",))]),
        ("NOT OR AND", [Term(("not",)), Term(("or",)), Term(("and",))]),
        ("competit*", [Term(("competit",), prefix=True)]),
        ("co*", [Term(("co",), prefix=True)]),
        ("c*", [Term(("c",))]),
        ("예산", [Term(("예산",))]),
        ("예산은", [Term(("예산", "산은"))]),
        ("예산*", [Term(("예산",))]),
        ("価格は", [Term(("価格", "格は"))]),
        ("高", [Term(("高",), prefix=True)]),
        ("same Same", [Term(("same",))]),
        ('""', []),
        ("-- | ( ) : *", []),
        ("", []),
    ],
)
def test_it_reads_terms(text: str, terms: list[Term]) -> None:
    assert parse(text) == Query(tuple(terms))


def test_it_closes_an_open_quote_and_says_so() -> None:
    assert parse('price "next week') == Query(
        (Term(("price",)), Term(("next", "week"))), (OPEN_QUOTE,)
    )


def test_it_keeps_within_its_limits_and_says_so() -> None:
    many = parse(" ".join(f"w{n}" for n in range(40)))
    assert len(many.terms) == MAX_TERMS
    assert many.notes == (TOO_MANY,)
    assert parse("x" * 501).notes == (TOO_LONG,)


@given(st.text(max_size=700))
def test_it_never_fails(text: str) -> None:
    query = parse(text)
    assert len(query.terms) <= MAX_TERMS
    assert all(all(term.tokens) for term in query.terms)

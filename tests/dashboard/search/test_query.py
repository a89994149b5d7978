"""The query language: every way to ask, and anything else that a person may type."""

from math import inf

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from dashboard.search import parsing
from dashboard.search.keys import KEYS, MEASURES
from dashboard.search.parsing import parse
from dashboard.search.query import (
    MAX_CHARACTERS,
    MAX_TERMS,
    All,
    Either,
    Filter,
    Not,
    Query,
    QueryPhrase,
    Range,
    Term,
    speaks_of_turns,
)


def word(text: str, prefix: bool = False) -> QueryPhrase:
    return QueryPhrase((text,), prefix)


def group(text: str) -> tuple[Term, ...]:
    """The terms of a query of one group."""
    [only] = parse(text).groups
    return only.terms


BUDGET, PRICE, PLAN = word("budget"), word("price"), word("plan")


@pytest.mark.parametrize(
    ("text", "terms"),
    [
        ("budget price", (BUDGET, PRICE)),
        ('"send me" price', (QueryPhrase(("send", "me")), PRICE)),
        ("“send me”", (QueryPhrase(("send", "me")),)),
        ("price-list", (QueryPhrase(("price", "list")),)),
        ("10:30", (QueryPhrase(("10", "30")),)),
        ("C++ R&D", (word("c++"), QueryPhrase(("r", "d")))),
        ("+49 30", (word("49"), word("30"))),
        ("NOT OR AND", (word("not"), word("or"), word("and"))),
        ("competit*", (word("competit", True),)),
        ('"open a quo*"', (QueryPhrase(("open", "a", "quo"), True),)),
        ("예산", (word("예산"),)),
        ("価格は", (QueryPhrase(("価格", "格は")),)),
        ("高", (word("高", True),)),
        ("same Same", (word("same"),)),
        ("price(s)", (QueryPhrase(("price", "s")),)),
        ("http://example.com", (QueryPhrase(("http", "example", "com")),)),
    ],
)
def test_it_reads_words(text: str, terms: tuple[Term, ...]) -> None:
    assert group(text) == terms


@pytest.mark.parametrize(
    ("text", "terms"),
    [
        ("budget | price", (Either((BUDGET, PRICE)),)),
        ("budget| price", (Either((BUDGET, PRICE)),)),
        ('"budget"|"price"', (Either((BUDGET, PRICE)),)),
        ("budget | price plan", (Either((BUDGET, PRICE)), PLAN)),
        ("plan (budget | price)", (PLAN, Either((BUDGET, PRICE)))),
        ("(budget price) | plan", (Either((All((BUDGET, PRICE)), PLAN)),)),
        ("budget (price plan)", (BUDGET, PRICE, PLAN)),
        ("budget -price", (BUDGET, Not(PRICE))),
        ("budget -(price | plan)", (BUDGET, Not(Either((PRICE, PLAN))))),
        ("budget -(-price)", (BUDGET, PRICE)),
        ("budget - price", (BUDGET, PRICE)),
        ("| budget | | price |", (Either((BUDGET, PRICE)),)),
        ("budget | budget", (BUDGET,)),
    ],
)
def test_it_joins_terms(text: str, terms: tuple[Term, ...]) -> None:
    assert group(text) == terms


@pytest.mark.parametrize(
    ("text", "term"),
    [
        ("by:customer", Filter("by", ("customer",))),
        ('with:"Ann Lee",ben', Filter("with", ("Ann Lee", "ben"))),
        ("side:THEM", Filter("side", ("them",))),
        ("in:first10m", Filter("in", ("first10m",))),
        ("in:10m..20m", Filter("in", ("10m..20m",))),
        ("in:1:30..2:00", Filter("in", ("1:30..2:00",))),
        ("from:30d", Filter("from", ("30d",))),
        ("-is:internal", Not(Filter("is", ("internal",)))),
        ("talk>65", Range("talk", low=65, with_low=False)),
        ("talk >= 65%", Range("talk", low=65)),
        ("monologue>2m30s", Range("monologue", low=150, with_low=False)),
        ("questions<11", Range("questions", high=11, with_high=False)),
        ("people=3", Range("people", 3, 3)),
        ("patience:0.6..1.0", Range("patience", 0.6, 1.0)),
        ("length>30m", Range("length", low=1800, with_low=False)),
        ("length<=5", Range("length", high=300)),
    ],
)
def test_it_reads_filters_and_ranges(text: str, term: Term) -> None:
    query = parse(text)
    assert query == Query((All((term,)),))
    assert query.notes == ()


def test_it_reads_groups_of_one_call() -> None:
    text = 'budget + "next week" by:customer + -price'
    assert parse(text).groups == (
        All((BUDGET,)),
        All((QueryPhrase(("next", "week")), Filter("by", ("customer",)))),
        All((Not(PRICE),)),
    )


@pytest.mark.parametrize(
    ("text", "note"),
    [
        ('price "next week', parsing.OPEN_QUOTE),
        ('price with:"Ann', parsing.OPEN_QUOTE),
        ("(price", parsing.OPEN_BRACKET),
        ("price)", parsing.LONE_BRACKET),
        ("((((((price))))))", parsing.TOO_DEEP),
        ("(price + plan)", parsing.PLUS_INSIDE),
        ("pr*", parsing.SHORT_STEM),
        ("pri*ce", parsing.INNER_STAR),
        ("budget|price", parsing.NO_SPACE),
        ("folder:demo", parsing.unknown_key("folder")),
        ("in:middle", parsing.bad_value("in")),
        ("from:32.13.", parsing.bad_value("from")),
        ("from:2026-02-30", parsing.bad_value("from")),
        ("talk>much", parsing.bad_amount("talk")),
        ("talk:65", parsing.bad_amount("talk")),
        ("patience:2..1", parsing.bad_amount("patience")),
        ("x" * 501, parsing.TOO_LONG),
        (" ".join(f"w{n}" for n in range(40)), parsing.TOO_MANY),
    ],
)
def test_it_says_what_it_did_to_the_text(text: str, note: str) -> None:
    query = parse(text)
    assert query.notes == (note,)
    assert query.phrases


@pytest.mark.parametrize("text", ["", '""', "-- | ( ) : *", "()", "+ +", '-""', "|"])
def test_it_finds_nothing_to_look_for(text: str) -> None:
    assert not parse(text)


@pytest.mark.parametrize(
    ("text", "finds_turns"),
    [
        ("price", True),
        ("has:question", True),
        ("account:acme | price", True),
        ("talk>65 owner:me from:7d", False),
        ("-price", False),
        ("account:acme -price", False),
        ("is:live + price", True),
    ],
)
def test_it_knows_whether_turns_or_calls_are_found(
    text: str, finds_turns: bool
) -> None:
    assert parse(text).finds_turns is finds_turns


def test_it_tells_what_depends_on_the_turn() -> None:
    terms = group("account:acme -price -account:globex (side:us | talk>5)")
    assert [speaks_of_turns(term) for term in terms] == [False, True, False, True]


def test_it_marks_what_is_looked_for_and_no_negative() -> None:
    query = parse('budget + ("next week" | plan) -price side:us')
    assert query.phrases == (BUDGET, QueryPhrase(("next", "week")), PLAN)


def test_it_holds_between_the_bounds_of_a_range() -> None:
    above, within = Range("talk", 65, inf, with_low=False), Range("talk", 10, 20)
    assert [above.holds(n) for n in (64, 65, 65.1)] == [False, False, True]
    assert [within.holds(n) for n in (9, 10, 20, 21)] == [False, True, True, False]


def size(term: Term) -> int:
    """Phrases, filters and ranges in it."""
    if isinstance(term, All | Either):
        return sum(map(size, term.terms))
    return size(term.term) if isinstance(term, Not) else 1


PIECES = st.sampled_from(
    [*'"()|+-*:,. ', " ", " | ", " + ", " -", " (", ") ", "..", "price", "C++", "価格"]
    + [f"{key}:" for key in KEYS]
    + [example for key in KEYS.values() for example in (key.example, f"-{key.example}")]
    + [f"{figure}>" for figure in MEASURES]
    + ["talk>65", "patience:0.6..1.0", "length<=2m30s", "people=3", "pri*", "12", "2m"]
)
TYPED = st.lists(PIECES | st.text(max_size=5), max_size=25).map("".join)


@given(TYPED | st.text(max_size=700))
@example("x" * 600)
@example("(" * 600)
@example('"' * 501)
@example("a|" * 300)
def test_it_never_fails(text: str) -> None:
    query = parse(text)
    assert all(all(phrase.tokens) for phrase in query.phrases)
    assert sum(map(size, query.groups)) <= MAX_TERMS
    assert "\x00" not in str(query)


@given(TYPED | st.text(max_size=300))
@example("0.123457 length>0.123457 monologue>1h2m3.5s")
@example("x(abc*) abc* *")
@example('title:"//x" folder:"a b"')
@example("fıllers>4 ſtory>3")
def test_it_reads_what_it_printed_as_the_same_query(text: str) -> None:
    query = parse(text)
    printed = str(query)
    assume(len(printed) <= MAX_CHARACTERS)
    assert parse(printed) == query
    assert str(parse(printed)) == printed

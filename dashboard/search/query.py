"""The query language: what a person types, as frozen dataclasses.

    query  = group { "+" group }         each group somewhere in the same call
    group  = either { either }           all true of one turn, and of its call
    either = term { "|" term }           "|" binds tighter than a space
    term   = [ "-" ] ( phrase | word | filter | range | "(" group ")" )

A group that asks for words, or for anything else of a turn, holds where **some** turn
of the call is all that it says. A group without (filters of calls and negatives alone)
holds where **every** turn is: `account:acme -budget` are Acme's calls in which nobody
said budget. A query of such groups alone finds calls, every other one finds turns.

``parsing.parse`` reads it and never fails: it leaves notes about what it did to a text.
``str(query)`` is text that reads as the same query.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from math import inf
from typing import TypeAlias

from .keys import KEYS, MEASURES

MAX_CHARACTERS = 500
MAX_TERMS = 32
MAX_DEPTH = 4  # of brackets
SHORTEST_STEM = 3  # letters before a "*"

BARE_WORD = re.compile(r"\w+\*?")
BARE_VALUE = re.compile(r"[\w@#*.-][^\s\",()|]*")


@dataclass(frozen=True, slots=True)
class QueryPhrase:
    """Tokens that stand next to each other in one turn; ``prefix``: the last is a
    beginning. A word is a phrase that is mostly of one token. ``text``: as typed."""

    tokens: tuple[str, ...]
    prefix: bool = False
    text: str = field(default="", compare=False)

    def __str__(self) -> str:
        text = self.text or " ".join(self.tokens)
        text = text.rstrip("*").rstrip() + "*" * self.prefix
        return text if BARE_WORD.fullmatch(text) else f'"{text}"'


@dataclass(frozen=True, slots=True)
class Filter:
    """A key of ``keys.KEYS`` with values, one of which has to hold."""

    key: str
    values: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.key}:{','.join(map(_value, self.values))}"


@dataclass(frozen=True, slots=True)
class Range:
    """A figure of ``keys.MEASURES`` between two bounds, each with itself or without;
    times in seconds, shares in %. A call without that figure is in no range."""

    figure: str
    low: float = -inf
    high: float = inf
    with_low: bool = True
    with_high: bool = True

    def holds(self, value: float) -> bool:
        above = value >= self.low if self.with_low else value > self.low
        below = value <= self.high if self.with_high else value < self.high
        return above and below

    def __str__(self) -> str:
        unit = "s" if _is_time(self.figure) else ""
        low, high = f"{_plain(self.low)}{unit}", f"{_plain(self.high)}{unit}"
        if self.low == self.high:
            return f"{self.figure}={low}"
        if self.high == inf:
            return f"{self.figure}>{'=' * self.with_low}{low}"
        if self.low == -inf:
            return f"{self.figure}<{'=' * self.with_high}{high}"
        return f"{self.figure}:{low}..{high}"


@dataclass(frozen=True, slots=True)
class Not:
    term: Term

    def __str__(self) -> str:
        inner = str(self.term)
        return f"-({inner})" if isinstance(self.term, All | Either) else f"-{inner}"


@dataclass(frozen=True, slots=True)
class Either:
    """One of two or more terms."""

    terms: tuple[Term, ...]

    def __str__(self) -> str:
        return " | ".join(
            f"({term})" if isinstance(term, All) else str(term) for term in self.terms
        )


@dataclass(frozen=True, slots=True)
class All:
    """All of some terms: what one turn, with its call, has to be."""

    terms: tuple[Term, ...]

    def __str__(self) -> str:
        return " ".join(map(str, self.terms))

    @property
    def finds_turns(self) -> bool:
        """Whether some turn has to be so; else every turn of the call has to."""
        return any(map(asks_for_turn, self.terms))


Term: TypeAlias = QueryPhrase | Filter | Range | Not | Either | All


@dataclass(frozen=True)
class Query:
    """Groups that all hold in one call; ``notes``: what was done to the text."""

    groups: tuple[All, ...] = ()
    notes: tuple[str, ...] = field(default=(), compare=False)

    def __str__(self) -> str:
        return " + ".join(map(str, self.groups))

    def __bool__(self) -> bool:
        return bool(self.groups)

    @property
    def finds_turns(self) -> bool:
        """Whether turns are found; else calls."""
        return any(group.finds_turns for group in self.groups)

    @cached_property
    def phrases(self) -> tuple[QueryPhrase, ...]:
        """What is looked for in the text, and marked there; negatives left out."""
        found = (leaf for group in self.groups for leaf in leaves(group))
        return tuple(
            dict.fromkeys(leaf for leaf in found if isinstance(leaf, QueryPhrase))
        )


def leaves(term: Term) -> Iterator[QueryPhrase | Filter | Range]:
    """Phrases, filters and ranges of ``term`` that stand under no "-"."""
    if isinstance(term, All | Either):
        for part in term.terms:
            yield from leaves(part)
    elif not isinstance(term, Not):
        yield term


def asks_for_turn(term: Term) -> bool:
    """Whether ``term`` wants something to be there that turns have, not calls."""
    return any(
        isinstance(leaf, QueryPhrase)
        or (isinstance(leaf, Filter) and KEYS[leaf.key].about_turn)
        for leaf in leaves(term)
    )


def speaks_of_turns(term: Term) -> bool:
    """Whether it depends on the turn if ``term`` holds, and not on its call alone."""
    if isinstance(term, All | Either):
        return any(map(speaks_of_turns, term.terms))
    return speaks_of_turns(term.term) if isinstance(term, Not) else asks_for_turn(term)


def _value(text: str) -> str:
    return text if BARE_VALUE.fullmatch(text) else f'"{text}"'


def _plain(number: float) -> str:
    return f"{number:.6f}".rstrip("0").rstrip(".")


def _is_time(figure: str) -> bool:
    return MEASURES[figure].unit == "s"

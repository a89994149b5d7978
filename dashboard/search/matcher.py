"""A query read in memory: the turns of one call that it finds, as SQL finds them.

For whoever has a call's turns at hand: trackers, which look at each call as its text
comes. What rows say of a turn and of its call is asked of ``Facts``.
"""

from collections.abc import Sequence
from functools import lru_cache
from typing import Generic, Protocol, TypeVar

from .keys import KEYS
from .query import (
    All,
    Either,
    Filter,
    Not,
    Query,
    QueryPhrase,
    Range,
    Term,
    leaves,
    speaks_of_turns,
)

MatchedTurn = TypeVar("MatchedTurn")
AskedTurn = TypeVar("AskedTurn", contravariant=True)


class Facts(Protocol[AskedTurn]):
    """What is known of one call."""

    def normal(self, turn: AskedTurn) -> str:
        """The text of a turn as column ``Turn.normal`` has it."""

    def of_turn(self, term: Filter, turn: AskedTurn) -> bool:
        """Whether a filter of turns holds."""

    def of_call(self, term: Filter | Range, of_owner: bool) -> bool:
        """Whether a filter of calls or a range holds; ``of_owner``: ranges ask for
        figures of the owner."""


def found_in(
    query: Query, turns: Sequence[MatchedTurn], facts: Facts[MatchedTurn]
) -> list[MatchedTurn]:
    """Those of a call's ``turns`` that ``query`` finds; none where a group of it does
    not hold, or where it finds calls."""
    groups = [_Group(group, facts) for group in query.groups]
    if not all(group.holds(turns) for group in groups):
        return []
    finding = [group for group in groups if group.finds_turns]
    return [turn for turn in turns if any(group.is_true(turn) for group in finding)]


class _Group(Generic[MatchedTurn]):
    def __init__(self, group: All, facts: Facts[MatchedTurn]) -> None:
        self.facts = facts
        self.finds_turns = group.finds_turns
        self.about_call = [t for t in group.terms if not speaks_of_turns(t)]
        self.about_turns = [t for t in group.terms if speaks_of_turns(t)]
        self.of_owner = any(
            isinstance(leaf, Filter) and leaf.key == "owner" for leaf in leaves(group)
        )

    def holds(self, turns: Sequence[MatchedTurn]) -> bool:
        """In some turn, or in every one where it asks for nothing that turns have."""
        if not all(self.condition(term, None) for term in self.about_call):
            return False
        return (any if self.finds_turns else all)(map(self.is_true, turns))

    def is_true(self, turn: MatchedTurn) -> bool:
        return all(self.condition(term, turn) for term in self.about_turns)

    def condition(self, term: Term, turn: MatchedTurn | None) -> bool:
        if isinstance(term, All):
            return all(self.condition(part, turn) for part in term.terms)
        if isinstance(term, Either):
            return any(self.condition(part, turn) for part in term.terms)
        if isinstance(term, Not):
            return not self.condition(term.term, turn)
        if isinstance(term, Range) or (
            isinstance(term, Filter) and not KEYS[term.key].about_turn
        ):
            return self.facts.of_call(term, self.of_owner)
        assert turn is not None  # else it does not speak of turns
        if isinstance(term, QueryPhrase):
            return holds(self.facts.normal(turn), term)
        return self.facts.of_turn(term, turn)


def holds(normal: str, phrase: QueryPhrase) -> bool:
    """Whether a turn has the tokens of ``phrase`` next to each other."""
    return sought(phrase) in f" {normal} "


@lru_cache(1024)
def sought(phrase: QueryPhrase) -> str:
    """What a turn holds that has ``phrase``, where a space stands around each token."""
    return f" {' '.join(phrase.tokens)}{'' if phrase.prefix else ' '}"

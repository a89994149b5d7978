"""A tracker by what is typed in the search box."""

from collections.abc import Iterator, Sequence
from functools import cache
from itertools import islice

from django.contrib.auth.models import AbstractBaseUser, AnonymousUser

from dashboard.models import SavedSearch, Turn
from dashboard.search import Asker, parse
from dashboard.search.facts import of_call, of_turn
from dashboard.search.matcher import found_in, holds
from dashboard.search.query import (
    All,
    Either,
    Filter,
    Not,
    Query,
    QueryPhrase,
    Range,
    Term,
)
from dashboard.search.quotes import matches
from meetings.models import Meeting

from .call_text import CallText, TurnText
from .finding import MOST_HITS, Found, timed


class RowFacts:
    """What the rows of one call say, by the conditions that the search box has."""

    def __init__(self, asker: Asker, meeting_id: int) -> None:
        self._asker, self._meeting = asker, meeting_id
        self.of_call = cache(self._of_call)
        self._turns = cache(self._turns_that)

    def normal(self, turn: TurnText) -> str:
        return turn.normal

    def of_turn(self, term: Filter, turn: TurnText) -> bool:
        return turn.pk in self._turns(term)

    def _of_call(self, term: Filter | Range, of_owner: bool) -> bool:
        condition = of_call(term, self._asker, of_owner)
        return Meeting.objects.filter(condition, pk=self._meeting).exists()

    def _turns_that(self, term: Filter) -> frozenset[int]:
        turns = Turn.objects.filter(of_turn(term, self._asker), meeting=self._meeting)
        return frozenset(turns.order_by().values_list("pk", flat=True))


class QueryFinder:
    """What a query finds, for its asker: "me" is who saved it. A hit is each of its
    phrases in a turn, or all of a turn that is found by its kind alone."""

    def __init__(self, query: Query, asker: Asker) -> None:
        self.query, self.asker = query, asker
        groups = [group for group in query.groups if group.finds_turns]
        self._by_kind = any(_is_found_by_kind(group) for group in groups)

    def may_be_in(self, normal: str) -> bool:
        return self._by_kind or any(holds(normal, p) for p in self.query.phrases)

    def find(self, call: CallText) -> list[Found]:
        facts = RowFacts(self.asker, call.meeting_id)
        turns = found_in(self.query, call.turns, facts)
        return list(islice(self._hits(turns), MOST_HITS))

    def _hits(self, turns: Sequence[TurnText]) -> Iterator[Found]:
        for turn in turns:
            whole = [(0, len(turn.text))]
            for begin, end in matches(turn.text, self.query.phrases) or whole:
                yield timed(turn, begin, end)


def _is_found_by_kind(group: All) -> bool:
    """Whether a turn may be found that holds no phrase of ``group``."""
    return not any(map(_asks_for_words, group.terms))


def _asks_for_words(term: Term) -> bool:
    if isinstance(term, All):
        return any(map(_asks_for_words, term.terms))
    if isinstance(term, Either):
        return all(map(_asks_for_words, term.terms))
    return isinstance(term, QueryPhrase)


def finder_of(text: str, user: AbstractBaseUser | None) -> QueryFinder:
    """What ``text`` in the search box of ``user`` finds."""
    return QueryFinder(parse(text), Asker(user or AnonymousUser()))


def by_figures(search: SavedSearch) -> bool:
    """Whether what it finds depends on figures of calls."""
    return any(isinstance(leaf, Range) for leaf in leaves(search.query))


def leaves(text: str) -> Iterator[Term]:
    """The words, filters and ranges of a query, whatever joins them."""
    for group in parse(text).groups:
        yield from _all_leaves(group)


def _all_leaves(term: Term) -> Iterator[Term]:
    if isinstance(term, All | Either):
        for part in term.terms:
            yield from _all_leaves(part)
    else:
        yield from _all_leaves(term.term) if isinstance(term, Not) else [term]

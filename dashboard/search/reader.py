"""A query as SQL, for either database: the calls and the turns that it finds.

The gate is part of every statement: what may not be seen is never found, and never
counted.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import OuterRef, Q, QuerySet, Subquery
from django.db.models.lookups import IsNull

from dashboard.models import IndexedTurn, Turn
from meetings.models import Meeting

from .asker import Asker
from .facts import NOTHING, of_call, of_turn, one_of
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
from .words import Holds, is_of_words


def found_calls(asker: Asker, query: Query) -> "QuerySet[Meeting]":
    """Calls in which all groups of ``query`` hold."""
    found = possible_calls(asker, query)
    for test in turn_tests(asker, query):
        found = test.by_index(found)
    return found


def possible_calls(asker: Asker, query: Query) -> "QuerySet[Meeting]":
    """Calls that ``asker`` may see and that are what ``query`` says of calls."""
    found: QuerySet[Meeting] = Meeting.objects.visible_to(asker.user)
    for group in query.groups:
        reader = _Reader(asker, group)
        found = found.filter(*map(reader.of_call, reader.about_call))
    return found


@dataclass(frozen=True)
class TurnTest:
    """What some turn of a call has to be or, unless it is ``wanted``, none may be."""

    asker: Asker
    group: All
    term: Term
    wanted: bool

    def by_index(self, calls: "QuerySet[Meeting]") -> "QuerySet[Meeting]":
        """Those of ``calls`` that pass."""
        passing = Q(pk__in=self._turns().values("meeting"))
        return calls.filter(passing if self.wanted else ~passing)

    def by_call(self) -> IsNull:
        """The same as a condition on calls. A subquery with a limit is run for each of
        them: to be used where they are few, or pass soon."""
        turns = self._turns(of_few=True).filter(meeting=OuterRef("pk"))
        return IsNull(Subquery(turns.values("pk")[:1]), not self.wanted)

    def _turns(self, of_few: bool = False) -> "QuerySet[IndexedTurn]":
        reader = _Reader(self.asker, self.group, of_few)
        return IndexedTurn.objects.order_by().filter(reader.of_turn(self.term))


def turn_tests(asker: Asker, query: Query) -> list[TurnTest]:
    """What the groups of ``query`` ask of the turns of a call."""
    tests = []
    for group in query.groups:
        about = _Reader(asker, group).about_turns
        if group.finds_turns:
            tests.append(TurnTest(asker, group, All(tuple(about)), wanted=True))
        else:  # every turn has to be so
            negated = map(_negated, about)
            tests += [TurnTest(asker, group, term, wanted=False) for term in negated]
    return tests


def found_turns(asker: Asker, query: Query) -> "QuerySet[Turn]":
    """Turns that are what one of the groups of ``query`` asks for, in calls in which
    all groups hold."""
    rows = IndexedTurn.objects.order_by().filter(
        asked(asker, query), meeting__in=found_calls(asker, query)
    )
    return Turn.objects.filter(pk__in=rows.values("turn"))


def asked(asker: Asker, query: Query, of_few: bool = False) -> Q:
    """A condition on IndexedTurn, in calls that ``found_calls`` has; ``of_few``: in few
    calls, which another condition names."""
    groups = [group for group in query.groups if group.finds_turns]
    return one_of(_Reader(asker, group, of_few).of_turns() for group in groups)


class _Reader:
    """One group for one person."""

    def __init__(self, asker: Asker, group: All, of_few: bool = False) -> None:
        self.asker = asker
        self.of_few = of_few
        self.about_call = [t for t in group.terms if not speaks_of_turns(t)]
        self.about_turns = [t for t in group.terms if speaks_of_turns(t)]
        self.of_owner = any(
            isinstance(leaf, Filter) and leaf.key == "owner" for leaf in leaves(group)
        )

    def of_turns(self) -> Q:
        return self.of_turn(All(tuple(self.about_turns)))

    def of_call(self, term: Term) -> Q:
        """``term``, which does not depend on the turn, as a condition on calls."""
        return self.condition(term, "")

    def of_turn(self, term: Term) -> Q:
        return self.condition(term, "meeting__")

    def condition(self, term: Term, call: str) -> Q:
        if is_of_words(term):
            return Q(Holds(term, self.of_few))
        if isinstance(term, All):
            return self.all(term, call)
        if isinstance(term, Either):
            return one_of(self.condition(part, call) for part in term.terms)
        if isinstance(term, Not):
            return ~self.condition(term.term, call)
        assert not isinstance(term, QueryPhrase)
        if isinstance(term, Range) or not KEYS[term.key].about_turn:
            return of_call(term, self.asker, self.of_owner, call)
        return of_turn(term, self.asker)

    def all(self, terms: All, call: str) -> Q:
        """The words of ``terms`` are asked for at once: the index joins them."""
        words, others = _words_and_others(terms.terms)
        found = Q(Holds(words, self.of_few)) if words else Q()
        for term in others:
            found &= self.condition(term, call)
        return found or ~NOTHING


def _words_and_others(terms: Iterable[Term]) -> tuple[Term | None, list[Term]]:
    terms = list(terms)
    there = [term for term in terms if is_of_words(term)]
    if not there:
        return None, terms
    gone = [t for t in terms if isinstance(t, Not) and is_of_words(t.term)]
    words = (*there, *gone)
    return (
        words[0] if len(words) == 1 else All(words),
        [term for term in terms if term not in words],
    )


def _negated(term: Term) -> Term:
    return term.term if isinstance(term, Not) else Not(term)

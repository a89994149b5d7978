"""The newest calls that a query finds, without a look at every turn where many answer.

An index is slow at what nearly every call has: it yields each of the turns. A few calls
tell what that is, and it is then looked for call by call, newest first, up to the first
turn that answers. SQLite's index is quick enough at words.
"""

from collections.abc import Sequence

from django.db import connection
from django.db.models import QuerySet
from django.db.models.functions import Coalesce

from meetings.models import Meeting

from .asker import Asker
from .query import Query, QueryPhrase, leaves
from .reader import TurnTest, possible_calls, turn_tests

SAMPLE = 20  # calls
OFTEN = 0.9  # of the sample: here a look at each call costs less than the index
MARGIN = 2  # calls looked at for each that is wanted


def in_order(found: "QuerySet[Meeting]") -> "QuerySet[Meeting]":
    """The newest first."""
    return found.order_by(Coalesce("started_at", "created_at").desc(), "-pk")


def newest_calls(asker: Asker, query: Query, most: int) -> list[int]:
    """Ids of the ``most`` newest of ``found_calls``, the newest first."""
    possible, tests = in_order(possible_calls(asker, query)), turn_tests(asker, query)
    often = _passed_often(possible, list(filter(_is_costly, tests)))
    others = [test for test in tests if test not in often]
    if often:
        looked_at = MARGIN * most
        ids = _ids(_by_index(possible, others), looked_at)
        found = _passing(ids, often, most)
        if len(found) == most or len(ids) < looked_at:
            return found
    return _ids(_by_index(possible, tests), most)


def _is_costly(test: TurnTest) -> bool:
    """Whether the index may be slow at it."""
    asks_for_words = any(isinstance(leaf, QueryPhrase) for leaf in leaves(test.term))
    return test.wanted and not (connection.vendor == "sqlite" and asks_for_words)


def _by_index(
    calls: "QuerySet[Meeting]", tests: Sequence[TurnTest]
) -> "QuerySet[Meeting]":
    for test in tests:
        calls = test.by_index(calls)
    return calls


def _passing(ids: Sequence[int], tests: Sequence[TurnTest], most: int) -> list[int]:
    """The first ``most`` of ``ids`` that pass; few more are looked at than it takes."""
    calls = Meeting.objects.filter(*(test.by_call() for test in tests)).order_by()
    found: list[int] = []
    while ids and len(found) < most:
        size = int((most - len(found)) / OFTEN) + 1
        some, ids = ids[:size], ids[size:]
        passing = set(calls.filter(pk__in=some).values_list("pk", flat=True))
        found += [pk for pk in some if pk in passing]
    return found[:most]


def _ids(calls: "QuerySet[Meeting]", most: int) -> list[int]:
    return list(calls.values_list("pk", flat=True)[:most])


def _passed_often(
    possible: "QuerySet[Meeting]", tests: Sequence[TurnTest]
) -> list[TurnTest]:
    """Those that nearly all of the newest calls pass."""
    newest = Meeting.objects.filter(pk__in=possible.values("pk")[:SAMPLE]).order_by()
    passed = {f"test{n}": test.by_call() for n, test in enumerate(tests)}
    rows = list(newest.annotate(**passed).values_list(*passed)) if tests else []
    shares = (sum(column) for column in zip(*rows, strict=True))
    often = zip(tests, shares, strict=False)
    return [test for test, share in often if share >= OFTEN * len(rows)]

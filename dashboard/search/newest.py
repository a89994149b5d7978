"""The newest calls that a query finds, without a look at every turn where many answer.

An index is slow at what nearly every call has: it yields each of the turns. A few calls
tell what that is, and it is then looked for call by call, newest first, up to the first
turn that answers. SQLite's index is quick enough at words.
"""

from collections.abc import Sequence
from typing import Any

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
    """The newest first: sorted. PostgreSQL does not see the index ``calls_by_date`` in
    this; it takes the way along it, with a look at each call, for a short one."""
    began = Coalesce("started_at", "created_at", "created_at")
    return found.order_by(began.desc(), "-pk")


def newest_calls(asker: Asker, query: Query, most: int) -> list[int]:
    """Ids of the ``most`` newest of ``found_calls``, the newest first."""
    possible, tests = possible_calls(asker, query), turn_tests(asker, query)
    by_date = possible.order_by(Coalesce("started_at", "created_at").desc(), "-pk")
    often = _passed_often(by_date, list(filter(_is_costly, tests)))
    others = [test for test in tests if test not in often]
    calls = _by_index(possible, others) if others else by_date
    found = _passing(calls, often, most) if often else None
    if found is None:
        calls = _by_index(possible, tests)
        found = list(calls.values_list("pk", flat=True)[:most])
    return found


def _is_costly(test: TurnTest) -> bool:
    """Whether the index may be slow at it."""
    asks_for_words = any(isinstance(leaf, QueryPhrase) for leaf in leaves(test.term))
    return test.wanted and not (connection.vendor == "sqlite" and asks_for_words)


def _by_index(
    calls: "QuerySet[Meeting]", tests: Sequence[TurnTest]
) -> "QuerySet[Meeting]":
    for test in tests:
        calls = test.by_index(calls)
    return in_order(calls)


def _passed_often(
    calls: "QuerySet[Meeting]", tests: Sequence[TurnTest]
) -> list[TurnTest]:
    """Those that nearly all of the first ``calls`` pass."""
    rows = _look(calls, tests, 0, SAMPLE) if tests else []
    _, *columns = zip(*rows, strict=True) if rows else [()]
    often = zip(tests, columns, strict=False)
    return [test for test, passed in often if sum(passed) >= OFTEN * len(rows)]


def _passing(
    calls: "QuerySet[Meeting]", tests: Sequence[TurnTest], most: int
) -> list[int] | None:
    """Ids of the first ``most`` of ``calls`` that pass; few more are looked at than it
    takes. None where too many do not."""
    found: list[int] = []
    looked_at = 0
    while looked_at < MARGIN * most:
        size = int((most - len(found)) / OFTEN) + 1
        rows = _look(calls, tests, looked_at, looked_at + size)
        found += [pk for pk, *passed in rows if all(passed)]
        if len(found) >= most or len(rows) < size:
            return found[:most]
        looked_at += size
    return None


def _look(
    calls: "QuerySet[Meeting]", tests: Sequence[TurnTest], first: int, last: int
) -> list[tuple[Any, ...]]:
    """Id of each of ``calls`` from ``first`` to ``last``, and whether it passes each of
    ``tests``."""
    some = Meeting.objects.filter(pk__in=calls.values("pk")[first:last])
    looks = {f"test{n}": test.by_call() for n, test in enumerate(tests)}
    return list(in_order(some).annotate(**looks).values_list("pk", *looks))

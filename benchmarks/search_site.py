"""The site of benchmarks/search.py, and what it asks of it. Imports Django's models."""

from collections.abc import Iterator
from random import Random

from django.contrib.auth.models import User
from django.db import connection
from django.db.models import QuerySet
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from dashboard.demo_data.calls import MadeUpCall, made_up_call
from dashboard.demo_data.rows import DemoWorkspace
from dashboard.demo_data.speech import Speech
from dashboard.models import StoredFigure, Turn
from dashboard.queries import meetings_for, page_of
from dashboard.search import Asker, find, found_calls, parse
from dashboard.search.index import VERSION
from meetings.models import Meeting

FIGURES = {"talk_ratio": (20, 95), "longest_monologue_s": (10, 240)}
GIN = (
    "CREATE INDEX dashboard_indexedturn_vector"
    " ON dashboard_indexedturn USING gin (vector)"
)
SHOWN = 30


def fill(utterances: int, lines: int) -> Asker:
    """Made-up calls, where there are none yet; the one who asks."""
    user, new = User.objects.get_or_create(username="anna.example")
    if new:
        _fill(user, utterances // lines, lines)
    if connection.vendor == "postgresql":
        _execute("VACUUM ANALYZE")  # autovacuum does it in the course of a day
    return Asker(user)


def _fill(user: User, calls: int, lines: int) -> None:
    is_postgres = connection.vendor == "postgresql"
    if is_postgres:  # the index is made faster at once than row by row
        _execute("DROP INDEX dashboard_indexedturn_vector")
    done = 0
    for meetings in DemoWorkspace(user).write(_calls(calls, lines), with_lines=False):
        _finish(meetings)
        done += len(meetings)
        print(f"{done} of {calls} calls", end="\r", flush=True)
    if is_postgres:
        _execute("SET maintenance_work_mem = '512MB'")
        _execute(GIN)


def _calls(count: int, lines: int) -> Iterator[MadeUpCall]:
    speech, now = Speech(), timezone.now()
    return (made_up_call(speech, lines, now) for _ in range(count))


def _finish(meetings: list[Meeting]) -> None:
    """Some are private; all have figures, which are chance here."""
    private = [meeting.pk for meeting in meetings[::5]]
    Meeting.objects.filter(pk__in=private).update(visibility=Meeting.Visibility.PRIVATE)
    chance = Random(meetings[0].pk)
    StoredFigure.objects.bulk_create(
        StoredFigure(
            meeting=meeting,
            figure=figure,
            value=chance.uniform(low, high),
            version=VERSION,
        )
        for meeting in meetings
        for figure, (low, high) in FIGURES.items()
    )


def _execute(statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)


def described() -> str:
    turns, calls = Turn.objects.count(), Meeting.objects.count()
    head = "p50 ms, p95 ms, mean ms of our own CPU, calls found, query"
    return f"{connection.vendor}: {turns:,} turns in {calls:,} calls\n{head}"


def ask(asker: Asker, text: str) -> int:
    """All that the page reads; how many calls are found."""
    query = parse(text)
    if query.finds_turns:
        results = find(asker, text)
        return results.count
    found = meetings_for(asker.user).filter(pk__in=found_calls(asker, query))
    return _listed(found)


def home(asker: Asker) -> int:
    return _listed(meetings_for(asker.user))


def _listed(found: QuerySet[Meeting]) -> int:
    """What a page of the list reads of its calls."""
    page = page_of(found, 1, SHOWN)
    for meeting in page:
        assert meeting.people
    return page.paginator.count


def print_plans(asker: Asker, text: str) -> None:
    """Of each statement that takes a millisecond or more."""
    with CaptureQueriesContext(connection) as told:
        ask(asker, text)
    explain = "EXPLAIN QUERY PLAN" if connection.vendor == "sqlite" else "EXPLAIN"
    for query in told.captured_queries:
        if float(query["time"]) >= 0.001:
            print(f"\n{text}: {float(query['time']) * 1000:.0f} ms\n{query['sql']}")
            with connection.cursor() as cursor:
                cursor.execute(f"{explain} {query['sql'].replace('%', '%%')}")
                for row in cursor.fetchall():
                    print("   ", row[-1])

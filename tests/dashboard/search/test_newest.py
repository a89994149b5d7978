"""The newest calls, looked for call by call, are those that the index has."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from dashboard.search import Asker, found_calls, newest, parse
from dashboard.search.index import rebuild
from dashboard.search.newest import in_order, newest_calls
from meetings.models import Meeting, Participant
from tests.cast import Cast, live_meeting
from tests.dashboard.calls import add_person, end, say

QUERIES = (
    *("the", "budget", "price", "the budget", '"the price"', "the -budget", "pri*"),
    *("the by:customer", "the + budget", "budget + price", "the + -price", "-budget"),
    *("the in:last20%", "has:number | budget", "the + -(price by:us)", "nothing"),
    *("the + price + -budget", "(budget | price) side:them", "the -(budget price)"),
    *("the title:even", "the + -the", "the | has:number + price"),
    *("by:us", "by:customer -has:number", "has:number + by:us + -price", "in:first30s"),
)
US = Participant.Side.US


@pytest.fixture
def calls(cast: Cast) -> Asker:
    """Twelve calls, not made in the order in which they began."""
    assert cast.owner.user
    for n in (5, 0, 8, 3, 11, 2, 7, 1, 10, 4, 9, 6):
        title = "Even" if n % 2 == 0 else "Odd"
        meeting = live_meeting(cast.owner.user, title)
        meeting.started_at = timezone.now() - timedelta(days=n)
        said = f"the {'budget' if n % 3 else 'plan'}"
        say(add_person(meeting, "Anna", side=US), 0, said)
        say(add_person(meeting, "Ben"), 20_000, f"the price is {n}" if n % 4 else "the")
        say(add_person(meeting, "Cleo"), 55_000, "budget price" if n % 5 else "nobody")
        rebuild(end(meeting))
    return Asker(cast.owner.user)


@pytest.mark.parametrize("query", QUERIES)
def test_it_finds_what_the_index_finds(
    calls: Asker, monkeypatch: pytest.MonkeyPatch, query: str
) -> None:
    """Whatever is taken to be said often, and however many calls are wanted."""
    asked = parse(query)
    all_of_them = [call.pk for call in in_order(found_calls(calls, asked))]
    for often in (0.1, 0.5, 0.9, 1.1):
        monkeypatch.setattr(newest, "OFTEN", often)
        for sample in (1, 4, 30):
            monkeypatch.setattr(newest, "SAMPLE", sample)
            for most in (1, 2, 5, 20):
                assert newest_calls(calls, asked, most) == all_of_them[:most]


def test_it_looks_call_by_call_where_all_of_a_few_answer(
    calls: Asker, monkeypatch: pytest.MonkeyPatch
) -> None:
    few, often = [newest.SAMPLE], [newest.SAMPLE, 6]
    is_sqlite = connection.vendor == "sqlite"
    assert _looks(calls, monkeypatch, "by:us") == often
    assert _looks(calls, monkeypatch, "by:us + budget") == often
    assert _looks(calls, monkeypatch, "the") == ([] if is_sqlite else often)
    assert _looks(calls, monkeypatch, "nothing") == ([] if is_sqlite else few)
    assert _looks(calls, monkeypatch, "by:nobody") == few


def _looks(asker: Asker, monkeypatch: pytest.MonkeyPatch, query: str) -> list[int]:
    """At how many calls each look is, for five that answer."""
    looks: list[int] = []
    look = newest._look

    def counted(calls: Any, tests: Any, first: int, last: int) -> list[Any]:
        looks.append(last - first)
        return look(calls, tests, first, last)

    monkeypatch.setattr(newest, "_look", counted)
    newest_calls(asker, parse(query), 5)
    monkeypatch.undo()
    return looks


def test_it_shows_nobody_the_calls_of_others(cast: Cast, calls: Asker) -> None:
    assert cast.stranger.user and cast.other_guest.seat
    theirs = cast.other_guest.seat.meeting
    say(cast.other_guest.seat, 0, "the budget")
    rebuild(theirs)
    for query in ("the", "budget", "the + budget", "the + -price"):
        assert newest_calls(Asker(cast.stranger.user), parse(query), 50) == [theirs.pk]
        assert theirs.pk not in newest_calls(calls, parse(query), 50)
    Meeting.objects.all().delete()
    assert newest_calls(calls, parse("the"), 50) == []

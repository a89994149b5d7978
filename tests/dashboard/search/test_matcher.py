"""The reader in memory finds what SQL finds; on SQLite and on PostgreSQL."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dashboard.models import StoredFigure
from dashboard.search import Asker, found_turns, parse
from dashboard.search.index import rebuild
from dashboard.search.matcher import found_in
from dashboard.trackers import call_text
from dashboard.trackers.queries import RowFacts
from meetings.models import Account, Meeting, Participant
from tests.cast import Cast, live_meeting
from tests.dashboard.calls import add_person, end, say

MINUTE = 60_000


@pytest.fixture
def asker(cast: Cast) -> Asker:
    assert cast.owner.user
    return Asker(cast.owner.user)


@pytest.fixture
def calls(cast: Cast, ended: Meeting) -> list[Meeting]:
    """Three calls of the owner: with a customer, among us, and one without a word."""
    assert cast.owner.seat and cast.guest.seat and cast.owner.user
    ended.title, ended.account = "Acme renewal", Account.objects.called("ACME Corp")
    end(ended, 60 * MINUTE)
    say(cast.owner.seat, 0, "Welcome to our call about the budget")
    say(cast.guest.seat, 8 * MINUTE, "What is the price of it?", language="en")
    say(cast.owner.seat, 9 * MINUTE, "The price list, and C++", language="en")
    say(cast.guest.seat, 58 * MINUTE, "Le budget est de 500 euros", language="fr")
    among_us = end(live_meeting(cast.owner.user, "Plan"), 10 * MINUTE)
    ben = add_person(among_us, "Ben Berg", side=Participant.Side.US)
    say(ben, 0, "The price of the plan")
    say(ben, 5 * MINUTE, "この価格は高いです")
    silent = end(live_meeting(cast.owner.user), MINUTE)
    for meeting in (ended, among_us, silent):
        rebuild(meeting)
    StoredFigure.objects.all().delete()
    StoredFigure.objects.create(meeting=ended, figure="talk_ratio", value=70, version=1)
    return [ended, among_us, silent]


LEAVES = [
    *("budget", "price", "pric*", "euros", "nonsense", '"price list"', "C++", "価格"),
    *("高", "by:customer", "by:me", "by:ben", "side:us", "in:first5m", "in:last10%"),
    *("has:question", "has:number", "lang:fr", "account:acme", "title:plan"),
    *("is:internal", "owner:me", "talk>65", "length>30m", "people>=2", "from:1d"),
]
LEAF = st.sampled_from(LEAVES)
TERM = st.recursive(
    LEAF,
    lambda inner: st.one_of(
        inner.map("-{}".format).filter(lambda text: not text.startswith("--")),
        st.tuples(inner, inner).map(" | ".join),
        st.tuples(inner, inner).map(lambda pair: f"({' '.join(pair)})"),
        inner.map("-({})".format),
    ),
    max_leaves=5,
)
QUERY = st.lists(st.lists(TERM, min_size=1, max_size=3).map(" ".join), max_size=3)


@settings(
    max_examples=150,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(QUERY.map(" + ".join))
def test_it_agrees_with_the_database(
    asker: Asker, calls: list[Meeting], text: str
) -> None:
    query = parse(text)
    by_sql = set(found_turns(asker, query).values_list("pk", flat=True))
    in_memory = set()
    for meeting in calls:
        turns = call_text.of(meeting).turns
        facts = RowFacts(asker, meeting.pk)
        in_memory |= {turn.pk for turn in found_in(query, turns, facts)}
    assert in_memory == by_sql


def test_it_finds_something_at_all(asker: Asker, calls: list[Meeting]) -> None:
    """The property above is not one of empty sets."""
    found = {
        leaf
        for leaf in LEAVES
        for meeting in calls
        for turns in [call_text.of(meeting).turns]
        if found_in(
            parse(f"{leaf} (price | budget)"), turns, RowFacts(asker, meeting.pk)
        )
    }
    assert len(found) > len(LEAVES) * 2 / 3

"""Trackers by what is typed in the search box."""

from typing import Any

import pytest

from dashboard.models import SavedSearch, StoredFigure
from dashboard.search.index import rebuild
from dashboard.search.jobs import index
from dashboard.trackers.queries import finder_of
from meetings.models import Job, Participant
from tests.cast import Cast
from tests.dashboard.calls import say
from tests.dashboard.trackers.rows import tracker, words
from tests.dashboard.trackers.test_pages import page, send


def typed(cast: Cast, query: str) -> SavedSearch:
    return tracker(cast.owner, query=query)


def test_each_phrase_of_a_turn_that_is_found_is_a_hit(
    cast: Cast, owner: Participant, guest: Participant
) -> None:
    search = typed(cast, '"price list" | cost by:customer -free')
    say(owner, 0, "The price list of ours")
    say(guest, 10_000, "The price list, and what does it cost?")
    say(owner, 20_000, "Let me think about that for a moment")
    say(guest, 30_000, "Or is the price list free?")
    rebuild(owner.meeting)
    assert words(search) == ["price list", "cost"]


def test_a_turn_that_is_found_by_its_kind_is_one_hit(
    cast: Cast, owner: Participant, guest: Participant
) -> None:
    search = typed(cast, "has:question by:customer")
    say(owner, 0, "How are you today, all of you?")
    say(guest, 10_000, "What does it cost?")
    rebuild(owner.meeting)
    assert words(search) == ["What does it cost?"]


def test_me_is_who_saved_it(cast: Cast, owner: Participant, guest: Participant) -> None:
    search = typed(cast, "price by:me")
    say(owner, 0, "My price")
    say(guest, 10_000, "Your price")
    rebuild(owner.meeting)
    assert words(search) == ["price"]
    assert search.hits.get().participant == owner


def test_one_whose_owner_is_gone_finds_what_needs_none(
    cast: Cast, owner: Participant
) -> None:
    mine, price = typed(cast, "price by:me"), typed(cast, "price")
    SavedSearch.objects.update(owner=None)
    say(owner, 0, "My price")
    rebuild(owner.meeting)
    assert (words(mine), words(price)) == ([], ["price"])


def test_it_asks_for_hits_of_other_trackers(cast: Cast, owner: Participant) -> None:
    search = tracker(cast.owner, query="tracker:steps price", name="A first name")
    tracker(cast.owner, "I will send", name="Steps")
    say(owner, 0, "I will send you the price")
    say(owner, 20_000, "The price of it")
    rebuild(owner.meeting)
    [hit] = search.hits.all()
    assert hit.start_ms < 20_000


def test_figures_count_once_they_are_there(
    cast: Cast, owner: Participant, guest: Participant
) -> None:
    search = typed(cast, "price people>=2 talk>60")
    plain = tracker(cast.owner, "price")
    say(owner, 0, "The price of it is what we talk about")
    say(guest, 10_000, "Is it so?")
    rebuild(owner.meeting)
    assert (words(search), words(plain)) == ([], ["price"])
    index(Job(meeting=owner.meeting, kind="index"), lambda _: None)
    talk = StoredFigure.objects.of_calls().get(figure="talk_ratio")
    assert talk.value and talk.value > 60
    assert (words(search), words(plain)) == (["price"], ["price"])


@pytest.mark.parametrize(
    ("query", "text", "worth"),
    [
        ("price", "the price", True),
        ("price", "the cost", False),
        ("price | cost by:us", "the cost", True),
        ("price has:question", "what is it", False),
        ("price | has:question", "what is it", True),
        ("by:customer", "what is it", True),
        ("price + -discount", "no discount", False),
    ],
)
def test_only_turns_that_may_be_found_are_looked_at(
    query: str, text: str, worth: bool
) -> None:
    assert finder_of(query, None).may_be_in(text) is worth


def test_a_saved_search_becomes_a_tracker(cast: Cast, owner: Participant) -> None:
    say(owner, 0, "The price of it")
    rebuild(owner.meeting)
    send(cast.owner, "/searches/save/", query="price by:us")
    row = SavedSearch.objects.get()
    path = f"/trackers/{row.pk}/edit/"
    assert "price by:us" in cast.owner.client.get(path).content.decode()
    seen = send(cast.owner, "/trackers/preview/", 200, query="price by:us")
    assert "1 hit in 1 call" in seen
    fields: dict[str, Any] = {"name": "Price", "colour": "1", "query": "price by:us"}
    send(cast.owner, path, **fields, tracked="on", edit="1")
    jobs = Job.objects.filter(kind="track")
    assert [job.payload for job in jobs] == [{"search": row.pk}]
    assert "price by:us" in page(cast.owner, f"/trackers/{row.pk}/")
    calls_only = {**fields, "query": "owner:me", "tracked": "on", "edit": "2"}
    told = send(cast.owner, path, 422, **calls_only)
    assert "there are no hits" in told
    send(cast.owner, path, **fields, edit="2")
    row.refresh_from_db()
    assert not row.tracked and not row.hits.exists()

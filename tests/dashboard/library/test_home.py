"""The list of meetings."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone

from dashboard.models import SavedSearch
from meetings.models import Account, Job, Meeting, Participant, Recording
from tests.cast import Cast
from tests.dashboard.calls import add_person, end, say


def page(cast: Cast, path: str = "/") -> str:
    answer = cast.owner.client.get(path)
    assert answer.status_code == 200
    return answer.content.decode()


def test_it_requires_access(cast: Cast) -> None:
    accounts = {"owner", "teammate", "stranger"}
    assert cast.let_in("/") == accounts
    assert cast.let_in("/?q=price") == accounts
    assert cast.let_in("/rows/") == accounts


def listed(cast: Cast) -> set[str]:
    """Who has the cast's meeting on the list, and among its rows alone."""
    pages = {
        path: {
            visitor.name
            for visitor in (cast.owner, cast.teammate, cast.stranger)
            if f"meeting-{cast.code}" in visitor.client.get(path).content.decode()
        }
        for path in ("/", "/rows/")
    }
    assert pages["/"] == pages["/rows/"]
    return pages["/"]


def test_it_lists_what_a_person_may_see(cast: Cast) -> None:
    assert listed(cast) == {"owner", "teammate"}


def test_it_hides_a_private_meeting_from_the_team(cast: Cast) -> None:
    Meeting.objects.update(visibility=Meeting.Visibility.PRIVATE)
    assert listed(cast) == {"owner"}


def test_it_shows_a_room_that_nobody_came_to_to_its_owner_for_a_while(
    cast: Cast,
) -> None:
    Meeting.objects.update(state=Meeting.State.OPEN, started_at=None)
    assert listed(cast) == {"owner"}
    Meeting.objects.update(created_at=timezone.now() - timedelta(days=15))
    assert listed(cast) == set()
    assert cast.owner.gets_in(f"/room/{cast.code}/")


def test_it_lists_what_goes_on_before_the_newest_call(cast: Cast) -> None:
    assert cast.owner.user
    now = timezone.now()
    for days, title in ((3, "Imported last"), (1, "Held last")):
        Meeting.objects.create(
            owner=cast.owner.user,
            title=title,
            state=Meeting.State.ENDED,
            started_at=now - timedelta(days=days),
        )
    html = page(cast)
    places = [html.index(t) for t in ("Discovery call", "Held last", "Imported last")]
    assert places == sorted(places)


def test_it_offers_to_join_a_live_meeting(cast: Cast) -> None:
    html = page(cast)
    assert f'href="/room/{cast.code}/"' in html
    assert "Live" in html


def test_it_shows_people_length_and_first_words(cast: Cast, owner: Participant) -> None:
    Participant.objects.create(
        meeting=owner.meeting, name="Dora", consent=Participant.Consent.UNRECORDED
    )
    say(owner, 5000, "Later words")
    say(owner, 1000, "Hello everyone")
    html = page(cast)
    assert "Olga Owner" in html
    assert "(not recorded)" in html
    assert "1 min" in html
    assert "Hello everyone" in html


def test_it_tells_of_work_and_moves_until_it_is_done(
    cast: Cast, ended: Meeting
) -> None:
    job = Job.objects.create(
        meeting=ended, kind="index", state=Job.State.RUNNING, progress=0.64
    )
    Meeting.objects.exclude(pk=ended.pk).delete()
    assert "64 %" in page(cast, "/rows/")
    assert "data-moves" in page(cast, "/rows/")
    Job.objects.filter(pk=job.pk).update(state=Job.State.DONE)
    assert "data-moves" not in page(cast, "/rows/")


def test_it_says_why_work_failed(cast: Cast, ended: Meeting) -> None:
    for state, error in (("failed", "The disk is full"), ("done", "")):
        Job.objects.create(meeting=ended, kind="index", state=state, error=error)
        html = page(cast, "/rows/")
        assert ("The disk is full" in html) is (state == "failed")


def test_it_names_the_way_in_when_there_is_nothing(cast: Cast) -> None:
    Meeting.objects.all().delete()
    html = page(cast)
    assert "data-import" in html
    assert 'action="/meetings/new/"' in html


def test_it_pages(cast: Cast, ended: Meeting) -> None:
    for n in range(31):
        state = Meeting.State.ENDED
        Meeting.objects.create(owner=ended.owner, title=f"Call {n}", state=state)
    assert "Page 1 of 2" in page(cast)
    assert "Discovery call" in page(cast, "/?page=2")
    assert "Discovery call" in page(cast, "/rows/?page=2")
    for typed in ("nonsense", "1.5", ""):
        assert page(cast, f"/?page={typed}").count("<li class=") == 30
    assert page(cast, f"/rows/?page={'9' * 40}").count("<li class=") == 2


def test_it_asks_for_little_however_many_rows(
    cast: Cast, django_assert_max_num_queries: Any
) -> None:
    from dashboard.search.index import rebuild

    for n in range(30):
        meeting = Meeting.objects.create(
            owner=cast.meeting.owner, title=f"{n}", started_at=timezone.now()
        )
        person = Participant.objects.create(
            meeting=meeting, name="A", consent=Participant.Consent.RECORDED
        )
        say(person, 0, "Hello")
        end(meeting)
        rebuild(meeting)
    with django_assert_max_num_queries(11):
        page(cast)


def test_it_names_people_whose_words_are_there_first(
    cast: Cast, owner: Participant
) -> None:
    Participant.objects.filter(pk=owner.pk).update(
        consent=Participant.Consent.UNRECORDED
    )
    html = page(cast)
    assert html.index("Gita Guest") < html.index("Olga Owner")


def test_it_draws_who_spoke_when(
    cast: Cast, owner: Participant, guest: Participant
) -> None:
    from dashboard.search.index import rebuild

    say(owner, 0, "Hello", end_ms=30_000)
    say(guest, 30_000, "Good morning", end_ms=60_000)
    assert "strip" not in page(cast)
    rebuild(owner.meeting)
    drawn = re.findall(r'class="hue-(\d)" d="(.*?)"', page(cast))
    assert drawn == [
        (str(owner.colour), "M0 0h80v7h-80z"),
        (str(guest.colour), "M80 8h80v7h-80z"),
    ]


@pytest.mark.parametrize("hostile", ["<script>x</script>", "\u202eesrever", "a" * 200])
def test_it_takes_hostile_names(cast: Cast, hostile: str) -> None:
    Meeting.objects.filter(pk=cast.meeting.pk).update(title=hostile)
    Participant.objects.update(name=hostile[:80])
    html = page(cast)
    assert "<script>x" not in html
    assert 'dir="auto"' in html


def test_it_quotes_what_was_said(cast: Cast, owner: Participant) -> None:
    from dashboard.search.index import rebuild

    say(owner, 83_200, "The <price> is five hundred")
    rebuild(owner.meeting)
    html = page(cast, "/?q=price")
    assert "1 call with" in html
    assert "&lt;<mark>price</mark>&gt; is five" in html
    assert f'href="/calls/{cast.code}/#t=83.5"' in html
    assert "Olga Owner" in html


@pytest.mark.parametrize(
    "typed",
    ['"open quote', "NOT (", "C++", "10:30", "price-list", "'; DROP", "*", "é" * 900],
)
def test_it_takes_whatever_a_person_types(cast: Cast, typed: str) -> None:
    answer = cast.owner.client.get("/", {"q": typed})
    assert answer.status_code == 200


def test_it_does_not_let_a_stranger_count(cast: Cast, owner: Participant) -> None:
    from dashboard.search.index import rebuild

    say(owner, 0, "A secret budget")
    rebuild(owner.meeting)
    html = cast.stranger.client.get("/?q=budget").content.decode()
    assert "Nothing found for" in html


def test_a_search_for_what_no_text_can_hold_is_answered(cast: Cast) -> None:
    assert cast.owner.client.get("/", {"q": "pri\x00ce"}).status_code == 200


def test_it_offers_the_end_of_a_live_call_to_who_runs_it(
    cast: Cast,
) -> None:
    action = f'action="/room/{cast.code}/end/"'
    offered = {
        visitor.name
        for visitor in (cast.owner, cast.teammate)
        for path in ("/", "/rows/")
        if action in visitor.client.get(path).content.decode()
    }
    assert offered == {"owner"}
    end(cast.meeting)
    assert action not in page(cast)


def test_it_shows_what_is_asked_as_chips(cast: Cast) -> None:
    html = page(cast, "/?q=price+account:acme+-by:us")
    links = re.findall(r'<a href="([^"]*)" aria-label="Remove ([^"]*)"', html)
    assert links == [
        ("/?q=price+-by%3Aus", "account:acme"),
        ("/?q=price+account%3Aacme", "-by:us"),
    ]


def test_it_lists_the_calls_that_a_query_without_words_finds(
    cast: Cast, ended: Meeting
) -> None:
    for query, shown in (("owner:me", True), ("-owner:me", False), ("is:live", False)):
        for path in ("/", "/rows/"):
            html = page(cast, f"{path}?q={query}")
            assert (f"meeting-{cast.code}" in html) is shown
    assert "No call is so." in page(cast, "/?q=is:live")


def test_it_offers_people_and_customers_of_calls_that_one_may_see(
    cast: Cast, ended: Meeting
) -> None:
    assert cast.other_guest.seat
    ended.account = Account.objects.called('The "Acme" Corp')
    ended.save()
    theirs = cast.other_guest.seat.meeting
    theirs.account = Account.objects.called("Umbrella")
    theirs.save()
    html = page(cast)
    assert "with%3A%22Gita+Guest%22" in html
    assert "account%3A%22The+Acme+Corp%22" in html
    assert "Umbrella" not in html
    assert "Gita Other" not in html


def test_it_adds_a_filter_to_what_is_asked(cast: Cast, ended: Meeting) -> None:
    html = page(cast, "/?q=price+on:today")
    assert 'href="/?q=price+on%3Atoday+owner%3Ame"' in html  # as well
    assert 'href="/?q=price+from%3A7d"' in html  # in its place
    assert 'href="/?q=price"' in html  # away with it


def test_it_keeps_a_search_under_its_words(cast: Cast) -> None:
    html = page(cast, "/?q=price+%22x%22+is:live")
    assert 'name="query" value="price &quot;x&quot; is:live"' in html
    saved = {"query": 'price "x" is:live', "next": "/?q=price"}
    answer = cast.owner.client.post("/searches/save/", saved)
    assert answer.headers["Location"] == "/?q=price"
    assert SavedSearch.objects.get().query == 'price "x" is:live'
    assert "searches/save" not in page(cast)


def test_it_finds_calls_by_title_people_and_account(cast: Cast, ended: Meeting) -> None:
    ended.account = Account.objects.called("Acme")
    ended.save()
    named = {
        query: "Calls of this name" in page(cast, f"/?q={query}")
        for query in ("discovery", "gita", "acme", "acme gita", "acme price", "other")
    }
    assert [query for query, found in named.items() if found] == [
        *("discovery", "gita", "acme", "acme gita")
    ]


def test_it_quotes_call_by_call(cast: Cast, owner: Participant) -> None:
    from dashboard.search.index import rebuild

    other = Meeting.objects.create(owner=owner.meeting.owner)
    for person in (owner, add_person(other, "Ben", side=Participant.Side.US)):
        for n in range(5):
            say(person, n * 10_000, "The price again")
        rebuild(person.meeting)
    html = page(cast, "/?q=price+side:us")
    assert html.count("2 more in this call") == 2
    assert html.count('class="quote"') == 6
    address = f"/?q=price+side%3Aus+id%3A{cast.code}"
    assert f'href="{address}"' in html
    assert page(cast, address).count('class="quote"') == 5


def test_it_plays_quotes_where_there_is_sound(cast: Cast, owner: Participant) -> None:
    from dashboard.search.index import rebuild

    say(owner, 10_000, "What does it cost then")
    rebuild(owner.meeting)
    assert "data-play" not in page(cast, "/?q=cost")
    Recording.objects.create(meeting=owner.meeting, mix="mix.ogg", duration_ms=20_000)
    html = page(cast, "/?q=cost")
    assert f'data-play="/calls/{cast.code}/media/mix"' in html
    assert 'data-from="10000"' in html  # no earlier than the turn


def test_a_search_asks_for_little_however_many_calls(
    cast: Cast, django_assert_max_num_queries: Any
) -> None:
    from dashboard.search.index import rebuild

    for n in range(25):
        meeting = Meeting.objects.create(owner=cast.meeting.owner, title=f"{n}")
        person = Participant.objects.create(
            meeting=meeting, name="A", consent=Participant.Consent.RECORDED
        )
        say(person, 0, "The price")
        rebuild(meeting)
    with django_assert_max_num_queries(16):
        assert page(cast, "/?q=price").count('class="quote"') == 20


def test_it_counts_days_by_the_clock_of_the_reader(cast: Cast, ended: Meeting) -> None:
    began = datetime(2026, 11, 19, 23, 30, tzinfo=UTC)
    Meeting.objects.filter(pk=ended.pk).update(started_at=began)
    for zone, day in (("Europe/Berlin", 20), ("UTC", 19), ("../etc/passwd", 19)):
        cast.owner.client.cookies["zone"] = zone
        shown = page(cast, f"/?q=on:2026-11-{day}")
        assert f"meeting-{cast.code}" in shown


def test_calls_that_come_in_stand_by_their_dates(cast: Cast) -> None:
    """A folder of old calls pushes nothing off the list that goes on, or is new."""
    old = timezone.now() - timedelta(days=400)
    for n in range(40):
        Meeting.objects.create(
            owner=cast.meeting.owner, title=f"{n}", state="importing", started_at=old
        )
    end(cast.meeting)
    html = page(cast)
    first = html[html.index('<li class="meeting"') :]
    assert "Discovery call" in first[: first.index("</li>")]
    assert "data-now" not in html

"""The list of meetings."""

from typing import Any

import pytest
from django.utils import timezone

from meetings.models import Job, Meeting, Participant
from tests.cast import Cast
from tests.dashboard.calls import end, say


def page(cast: Cast, path: str = "/") -> str:
    answer = cast.owner.client.get(path)
    assert answer.status_code == 200
    return answer.content.decode()


def test_it_requires_access(cast: Cast) -> None:
    accounts = {"owner", "teammate", "stranger"}
    assert cast.let_in("/") == accounts
    assert cast.let_in("/?q=price") == accounts
    assert cast.let_in(f"/calls/{cast.code}/row/") == {"owner", "teammate"}


def test_it_lists_what_a_person_may_see(cast: Cast) -> None:
    listed = {
        visitor.name: f"meeting-{cast.code}" in visitor.client.get("/").content.decode()
        for visitor in (cast.owner, cast.teammate, cast.stranger)
    }
    assert listed == {"owner": True, "teammate": True, "stranger": False}


def test_it_hides_a_private_meeting_from_the_team(cast: Cast) -> None:
    Meeting.objects.update(visibility=Meeting.Visibility.PRIVATE)
    assert cast.let_in(f"/calls/{cast.code}/row/") == {"owner"}


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
    path = f"/calls/{cast.code}/row/"
    assert "64 %" in page(cast, path)
    assert f'hx-get="{path}"' in page(cast, path)
    Job.objects.filter(pk=job.pk).update(state=Job.State.DONE)
    assert "hx-get" not in page(cast, path)


def test_it_says_why_work_failed(cast: Cast, ended: Meeting) -> None:
    for state, error in (("failed", "The disk is full"), ("done", "")):
        Job.objects.create(meeting=ended, kind="index", state=state, error=error)
        html = page(cast, f"/calls/{cast.code}/row/")
        assert ("The disk is full" in html) is (state == "failed")


def test_it_names_the_way_in_when_there_is_nothing(cast: Cast) -> None:
    Meeting.objects.all().delete()
    html = page(cast)
    assert "data-import" in html
    assert 'action="/meetings/new/"' in html


def test_it_pages(cast: Cast) -> None:
    for n in range(31):
        Meeting.objects.create(owner=cast.meeting.owner, title=f"Call {n}")
    assert "Page 1 of 2" in page(cast)
    assert "Discovery call" in page(cast, "/?page=2")
    assert page(cast, "/?page=nonsense").count("<li class=") == 30


def test_it_asks_for_little_however_many_rows(
    cast: Cast, django_assert_max_num_queries: Any
) -> None:
    for n in range(30):
        meeting = Meeting.objects.create(
            owner=cast.meeting.owner, title=f"{n}", started_at=timezone.now()
        )
        person = Participant.objects.create(
            meeting=meeting, name="A", consent=Participant.Consent.RECORDED
        )
        say(person, 0, "Hello")
        end(meeting)
    with django_assert_max_num_queries(7):
        page(cast)


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
    assert "1 quote for" in html
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
    assert "0 quotes for" in html


def test_a_search_for_what_no_text_can_hold_is_answered(cast: Cast) -> None:
    assert cast.owner.client.get("/", {"q": "pri\x00ce"}).status_code == 200


def test_it_offers_the_end_of_a_live_call_to_who_runs_it(
    cast: Cast,
) -> None:
    action = f'action="/room/{cast.code}/end/"'
    offered = {
        visitor.name
        for visitor in (cast.owner, cast.teammate)
        for path in ("/", f"/calls/{cast.code}/row/")
        if action in visitor.client.get(path).content.decode()
    }
    assert offered == {"owner"}
    end(cast.meeting)
    assert action not in page(cast)

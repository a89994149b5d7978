"""The page of imports: whose, how far, how long, and what may be done."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.utils import timezone

from meetings.imports import queue
from meetings.models import Fingerprint, Job, Meeting, Participant
from tests.cast import Cast

pytestmark = pytest.mark.django_db

MEGABYTE = 1_000_000


@pytest.fixture
def owner(cast: Cast) -> User:
    assert cast.owner.user
    return cast.owner.user


def brought(owner: User, state: str, name: str = "a.wav", **more: Any) -> Job:
    """A call of one file of a megabyte."""
    done = state in ("done", "failed")
    meeting = Meeting.objects.create(
        owner=owner, title=name, state="ended" if done else "importing"
    )
    number = Fingerprint.objects.count()
    Fingerprint.objects.create(
        meeting=meeting,
        owner=owner,
        sha256=f"{number}",
        file="source-0",
        bytes=MEGABYTE,
    )
    files = [{"file": "source-0", "name": name, "people": [], **more}]
    job: Job = Job.objects.create(
        meeting=meeting, kind="import", state=state, payload={"files": files}
    )
    return job


def took(job: Job, seconds: float) -> None:
    job.started_at = timezone.now() - timedelta(seconds=seconds)
    job.finished_at = timezone.now()
    job.save()


def page(cast: Cast, query: str = "", **more: Any) -> str:
    answer = cast.owner.client.get(f"/imports/{query}", **more)
    assert answer.status_code == 200
    return str(answer.content.decode())


def test_each_sees_what_they_brought(cast: Cast, owner: User) -> None:
    job = brought(owner, "failed", "<b>mine</b>.wav")
    assert cast.let_in("/imports/") == {"owner", "teammate", "stranger"}
    assert "&lt;b&gt;mine&lt;/b&gt;.wav" in page(cast)
    other = cast.teammate.client.get("/imports/").content.decode()
    assert "mine" not in other and "stand here while they are read" in other
    for act in ("retry", "date"):
        path = f"/imports/{job.pk}/{act}/"
        assert cast.let_in(path, "post") == {"owner"}, act
    assert cast.let_in("/imports/retry/", "post") == {"owner", "teammate", "stranger"}
    for visitor in cast.everybody:
        if visitor is not cast.owner:
            assert not visitor.gets_in(f"/imports/{job.pk}/delete/", "post")
    assert cast.owner.gets_in(f"/imports/{job.pk}/delete/", "post")
    assert not Meeting.objects.filter(title="<b>mine</b>.wav").exists()
    assert not cast.owner.gets_in(f"/imports/{10**30}/delete/", "post")


def test_what_waits_can_be_cancelled_and_what_failed_tried_again(
    cast: Cast, owner: User
) -> None:
    running, failed = brought(owner, "running", "r"), brought(owner, "failed", "f")
    done = brought(owner, "done", "d")
    html = page(cast)
    assert "Cancel the import of r" in html and "Try again: f" in html
    assert html.index(">r</a>") < html.index(">f</a>")
    cast.owner.client.post(f"/imports/{running.pk}/delete/")
    cast.owner.client.post(f"/imports/{failed.pk}/retry/")
    cast.owner.client.post(f"/imports/{done.pk}/delete/")
    assert Meeting.objects.get(pk=done.meeting.pk).deleted_at  # in the bin
    assert ">d</a>" not in page(cast)
    assert not Job.objects.filter(pk=running.pk).exists()
    failed.refresh_from_db()
    assert failed.state == "queued"
    answer = cast.owner.client.post(f"/imports/{failed.pk}/retry/", follow=True)
    assert "being tried again already" in answer.content.decode()


def test_all_that_failed_is_tried_again_at_once(cast: Cast, owner: User) -> None:
    for _ in range(3):
        brought(owner, "failed")
    theirs = brought(cast.stranger.user, "failed")  # type: ignore[arg-type]
    assert "Try all 3 again" in page(cast)
    cast.owner.client.post("/imports/retry/")
    assert (
        list(queue.imports_of(owner).values_list("state", flat=True)) == ["queued"] * 3
    )
    theirs.refresh_from_db()
    assert theirs.state == "failed"


def test_the_time_left_is_what_the_last_calls_took(owner: User) -> None:
    assert queue.seconds_left() == 0
    waiting = brought(owner, "queued")
    assert queue.seconds_left() is None
    done = brought(owner, "done")
    took(done, 10)
    again = Job.objects.create(meeting=done.meeting, kind="second_pass", state="done")
    took(again, 60)
    film = Job.objects.create(meeting=done.meeting, kind="film", state="done")
    took(film, 6_000)
    brought(owner, "queued")
    left = queue.seconds_left()
    assert left is not None and 119 < left < 121  # two calls, one more look at each
    Job.objects.filter(pk=waiting.pk).update(state="done")
    Job.objects.create(meeting=waiting.meeting, kind="second_pass", state="queued")
    left = queue.seconds_left()
    assert left is not None and 119 < left < 121


def test_it_says_how_long_it_takes(cast: Cast, owner: User) -> None:
    brought(owner, "queued")
    assert "told once a first call is done" in page(cast)
    took(brought(owner, "done"), 300)
    assert "About 5 min until all can be read." in page(cast)


def test_it_asks_when_a_call_was_that_no_file_dates(cast: Cast, owner: User) -> None:
    brought(owner, "done", dated=True)
    job = brought(owner, "done", "call.wav", dated=False)
    assert page(cast).count("Held on") == 1
    path = f"/imports/{job.pk}/date/"
    for wrong in ("", "x", "2999-01-01T10:00"):
        cast.owner.client.post(path, {"held_at": wrong})
    assert page(cast).count("Held on") == 1
    cast.owner.client.post(path, {"held_at": "2026-10-05T14:30:00Z"})
    job.meeting.refresh_from_db()
    assert job.meeting.started_at == datetime(2026, 10, 5, 14, 30, tzinfo=UTC)
    assert "Held on" not in page(cast)
    cast.owner.client.post(path, {"held_at": "2026-10-06T14:30:00Z"})
    job.meeting.refresh_from_db()
    assert job.meeting.started_at.day == 5  # it is asked once


def test_it_asks_for_itself_again_only_while_something_moves(
    cast: Cast, owner: User
) -> None:
    job = brought(owner, "running")
    assert 'hx-trigger="every 3s"' in page(cast, headers={"HX-Request": "true"})
    Job.objects.filter(pk=job.pk).update(state="done")
    html = page(cast, headers={"HX-Request": "true"})
    assert "every 3s" not in html and "<html" not in html
    later = Job.objects.create(meeting=job.meeting, kind="second_pass", state="queued")
    assert "every 3s" in page(cast)
    Job.objects.filter(pk=later.pk).update(state="failed", error="<i>why</i>")
    html = page(cast)
    assert "every 3s" not in html and "&lt;i&gt;why" in html


def test_it_asks_for_little_however_many_calls(
    cast: Cast, owner: User, django_assert_max_num_queries: Any
) -> None:
    for n in range(60):
        job = brought(owner, ("queued", "running", "failed", "done")[n % 4])
        Participant.objects.create(meeting=job.meeting, name="A", consent="recorded")
        Job.objects.create(meeting=job.meeting, kind="second_pass", state="queued")
    for path in ("", "?page=2", "?page=x"):
        with django_assert_max_num_queries(12):
            page(cast, path)

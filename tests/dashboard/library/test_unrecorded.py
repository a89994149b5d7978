"""Calls that were not recorded, and why."""

from typing import Any

import pytest
from django.contrib.auth.models import User

from dashboard.library.unrecorded import Why, unrecorded
from meetings.models import (
    ConsentChoice,
    Erasure,
    Job,
    Meeting,
    Participant,
    Track,
)
from meetings.recordings.finishing import NO_ROOM
from tests.cast import Cast
from tests.dashboard.calls import say

RECORDED, UNRECORDED = Participant.Consent.RECORDED, Participant.Consent.UNRECORDED


@pytest.fixture
def boss(cast: Cast) -> User:
    """The owner as a manager."""
    User.objects.filter(pk=cast.meeting.owner_id).update(is_staff=True)
    return User.objects.get(pk=cast.meeting.owner_id)


def reason(user: User) -> tuple[Why, str]:
    [call] = unrecorded(user)
    return call.why, call.more


def test_the_page_is_for_managers(cast: Cast, ended: Meeting) -> None:
    assert cast.let_in("/not-recorded/") == set()
    User.objects.filter(pk=cast.teammate.user.pk).update(  # type: ignore[union-attr]
        is_staff=True
    )
    assert cast.let_in("/not-recorded/") == {"teammate"}


def test_it_tells_of_no_call_that_the_manager_may_not_see(
    cast: Cast, ended: Meeting, boss: User
) -> None:
    Meeting.objects.filter(owner=cast.stranger.user).update(
        state="ended", title="Hidden"
    )
    html = cast.owner.client.get("/not-recorded/").content.decode()
    assert "Discovery call" in html and "Hidden" not in html
    assert '<span class="figure">1</span>' in html


def test_a_call_with_sound_is_no_such_call(
    cast: Cast, owner: Participant, boss: User
) -> None:
    Track.objects.create(participant=owner, file="a", state="closed", duration_ms=9)
    assert unrecorded(boss) == []
    assert "there is sound" in cast.owner.client.get("/not-recorded/").content.decode()


def test_a_call_with_words_and_no_file_is_made_up(
    owner: Participant, boss: User
) -> None:
    say(owner, 0, "Hello")
    assert unrecorded(boss) == []
    Track.objects.create(participant=owner, file="a", state="lost")
    assert reason(boss)[0] == Why.BROKEN  # its words came live


def test_it_tells_a_muted_microphone_from_a_refusal(
    ended: Meeting, owner: Participant, boss: User
) -> None:
    assert reason(boss) == (Why.NO_SOUND, "")
    ended.participants.update(consent=UNRECORDED)
    assert reason(boss) == (Why.NOBODY_AGREED, "")
    ConsentChoice.objects.create(
        participant=owner, choice=RECORDED, text_version="1", way="page"
    )
    assert reason(boss) == (Why.WITHDRAWN, "")
    Erasure.objects.create(meeting=ended, code=ended.code, by_name="boss")
    assert reason(boss) == (Why.DELETED, "")


def test_nobody_came(ended: Meeting, boss: User) -> None:
    ended.participants.all().delete()
    assert reason(boss) == (Why.NOBODY_CAME, "")


@pytest.mark.parametrize(
    ("kind", "error", "why"),
    [
        ("import", "notes.txt has no sound in it.", Why.IMPORT_FAILED),
        ("import", NO_ROOM, Why.FULL_DISK),
        ("repair", "Stopped three times", Why.BROKEN),
    ],
)
def test_it_reads_what_jobs_said(
    ended: Meeting, boss: User, kind: str, error: str, why: Why
) -> None:
    Job.objects.create(meeting=ended, kind=kind, state="failed", error=error)
    assert reason(boss) == (why, error if kind == "import" else "")
    Job.objects.create(meeting=ended, kind=kind, state="done")  # tried again
    assert reason(boss)[0] == Why.NO_SOUND


@pytest.mark.parametrize(
    ("note", "why"),
    [("[Errno 28] No space left on device", Why.FULL_DISK), ("no pages", Why.BROKEN)],
)
def test_it_reads_what_became_of_files(
    owner: Participant, boss: User, note: str, why: Why
) -> None:
    Track.objects.create(participant=owner, file="a", state="lost", note=note)
    assert reason(boss)[0] == why


def test_it_asks_for_little_however_many_calls(
    cast: Cast, boss: User, django_assert_max_num_queries: Any
) -> None:
    for n in range(30):
        meeting = Meeting.objects.create(owner=boss, title=f"{n}", state="ended")
        person = Participant.objects.create(meeting=meeting, name="A", consent=RECORDED)
        ConsentChoice.objects.create(
            participant=person, choice=RECORDED, text_version="1", way="page"
        )
        Job.objects.create(meeting=meeting, kind="import", state="failed", error="<b>")
    with django_assert_max_num_queries(9):
        html = cast.owner.client.get("/not-recorded/").content.decode()
    assert "&lt;b&gt;" in html and ': <span dir="auto"><b>' not in html
    for why in ("import_failed", "x", "<script>"):
        assert cast.owner.client.get(f"/not-recorded/?why={why}").status_code == 200

"""Figures are kept with the index of a call."""

import pytest

from dashboard.models import StoredFigure
from dashboard.search.jobs import forget_person
from dashboard.stats import stored
from dashboard.stats.compute import FIGURES
from dashboard.stats.definitions import VERSION
from meetings import jobs
from meetings.models import Job, Meeting, Participant
from meetings.recordings.erasure import erase
from tests.cast import Cast
from tests.dashboard.calls import end, say

pytestmark = pytest.mark.django_db


def index(meeting: Meeting) -> None:
    job = jobs.request("index", meeting)
    jobs.run(job.pk)
    job.refresh_from_db()
    assert job.state == Job.State.DONE, job.error


def talk(owner: Participant, guest: Participant) -> None:
    say(owner, 0, "How many people are in your team?", voice=[[0, 3_000]])
    say(guest, 4_000, "We are fifty people", voice=[[4_000, 5_000]])


def figure(meeting: Meeting, name: str) -> StoredFigure:
    row: StoredFigure = StoredFigure.objects.of_calls().get(
        meeting=meeting, figure=name
    )
    return row


def test_it_keeps_the_figures_of_a_call_and_its_people(
    ended: Meeting, owner: Participant, guest: Participant
) -> None:
    talk(owner, guest)
    index(ended)
    assert figure(ended, "talk_ratio").value == 75
    of_calls = StoredFigure.objects.of_calls().filter(meeting=ended)
    assert {row.figure for row in of_calls} == set(FIGURES)
    of_guest = StoredFigure.objects.get(participant=guest, figure="talk_s")
    assert of_guest.value == 1


def test_a_grey_figure_is_kept_with_its_reason_and_is_not_told(
    ended: Meeting, owner: Participant, guest: Participant
) -> None:
    talk(owner, guest)
    index(ended)
    patience = figure(ended, "patience_s")
    assert (patience.value, patience.reason) == (
        None,
        "Fewer than 5 replies to the customer",
    )
    told = StoredFigure.objects.told().values_list("figure", flat=True)
    assert "patience_s" not in told


def test_they_follow_the_text_and_are_there_once(
    ended: Meeting, owner: Participant, guest: Participant
) -> None:
    talk(owner, guest)
    index(ended)
    say(guest, 6_000, "And two more of them", voice=[[6_000, 8_000]])
    index(ended)
    assert figure(ended, "talk_ratio").value == 50


def test_they_follow_a_person_who_changes_sides(
    cast: Cast, ended: Meeting, owner: Participant, guest: Participant
) -> None:
    talk(owner, guest)
    index(ended)
    address = f"/calls/{ended.code}/people/{guest.pk}/"
    answer = cast.owner.client.post(address, {"name": "Gita", "side": "us"})
    assert answer.status_code < 400
    jobs.run(Job.objects.get(kind="index", state=Job.State.QUEUED).pk)
    assert figure(ended, "talk_ratio").reason == "Only one side speaks in this call"


@pytest.mark.django_db(transaction=True)  # PostgreSQL cleans outside of transactions
def test_nothing_is_left_of_a_person_who_is_deleted(
    cast: Cast, ended: Meeting, owner: Participant, guest: Participant
) -> None:
    talk(owner, guest)
    index(ended)
    silence = StoredFigure.objects.of_calls().filter(figure="silence")
    silence.update(value=None, reason=f"The sound of {guest.name} did not arrive")
    assert cast.owner.user
    person = guest.pk
    erase(guest, cast.owner.user)
    assert not StoredFigure.objects.filter(participant=person).exists()
    forget_person(ended.pk)  # as the job does that cleans up
    assert not StoredFigure.objects.filter(reason__contains=guest.name).exists()


def test_old_calls_are_caught_up_newest_first_a_few_at_a_time(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stored, "AT_A_TIME", 2)
    assert cast.owner.user
    calls = [end(Meeting.objects.create(owner=cast.owner.user)) for _ in range(3)]
    assert stored.catch_up() == 2
    assert stored.catch_up() == 0  # two wait already
    asked = list(Job.objects.filter(kind="figures").order_by("pk"))
    assert [job.meeting_id for job in asked] == [calls[2].pk, calls[1].pk]
    for job in asked:
        jobs.run(job.pk)
    assert stored.catch_up() == 1
    assert StoredFigure.objects.filter(meeting=calls[2], version=VERSION).exists()


def test_a_call_whose_figures_cannot_be_made_is_not_asked_for_again(
    ended: Meeting,
) -> None:
    assert stored.catch_up() == 1
    Job.objects.filter(kind="figures").update(state=Job.State.FAILED)
    assert stored.catch_up() == 0


def test_figures_by_older_definitions_are_made_anew(
    ended: Meeting, owner: Participant, guest: Participant
) -> None:
    talk(owner, guest)
    index(ended)
    assert stored.catch_up() == 0
    StoredFigure.objects.update(version=VERSION - 1)
    assert stored.catch_up() == 1


def test_only_who_sees_the_call_sees_them(
    cast: Cast, ended: Meeting, owner: Participant, guest: Participant
) -> None:
    index(ended)
    seen = {
        visitor.name
        for visitor in cast.everybody
        if visitor.user and StoredFigure.objects.visible_to(visitor.user).exists()
    }
    assert seen == {"owner", "teammate"}

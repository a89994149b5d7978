"""The index follows the text of a meeting."""

import pytest

from dashboard.models import TalkStrip, Turn
from dashboard.search import index
from dashboard.search.index import rebuild
from meetings import jobs, taps
from meetings.models import Job, Participant
from tests.cast import Cast
from tests.dashboard.calls import say


@pytest.mark.parametrize("tap", ["meeting_ended", "transcript_changed"])
def test_it_is_asked_for_when_the_text_changed(owner: Participant, tap: str) -> None:
    getattr(taps, tap).publish(owner.meeting_id)
    assert Job.objects.filter(meeting=owner.meeting, kind="index").count() == 1


def test_it_makes_the_turns_again_however_often_it_runs(owner: Participant) -> None:
    say(owner, 0, "Words to find")
    for _ in range(2):
        job = jobs.request("index", owner.meeting)
        jobs.run(job.pk)
        job.refresh_from_db()
        assert job.state == Job.State.DONE
    assert [turn.text for turn in Turn.objects.all()] == ["Words to find"]


def test_it_catches_up_with_calls_of_an_older_version(
    cast: Cast, owner: Participant
) -> None:
    say(owner, 0, "What do you pay today?")
    rebuild(owner.meeting)
    assert index.catch_up() == 0
    Turn.objects.update(question=False)
    TalkStrip.objects.update(version=index.VERSION - 1)
    assert index.catch_up() == 1
    assert index.catch_up() == 0  # it is asked for already
    [job] = Job.objects.filter(kind="index")
    jobs.run(job.pk)
    assert Turn.objects.get().question
    assert index.catch_up() == 0


def test_it_does_not_ask_twice_for_a_call_that_waits_for_its_first_index(
    owner: Participant,
) -> None:
    jobs.request("index", owner.meeting)
    assert index.catch_up() == 0

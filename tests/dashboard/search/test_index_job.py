"""The index follows the text of a meeting."""

import pytest

from dashboard.models import Turn
from meetings import jobs, taps
from meetings.models import Job, Participant
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

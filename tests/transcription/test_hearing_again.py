"""Old calls are heard again, one at a time, and what was there before is kept."""

from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from meetings import jobs
from meetings.models import Job, Meeting, Track
from meetings.recordings import erasure
from tests.cast import Cast, live_meeting
from tests.dashboard.calls import end, say
from transcription import hearing_again, second_pass
from transcription.hearing_again import KEPT, State
from transcription.models import EarlierLine, HearingAgain

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def calls(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> list[Meeting]:
    """Three calls with sound, the newest first; a pass over one hears nothing new."""
    assert cast.owner.user
    monkeypatch.setattr(second_pass, "speech_tracks", lambda meeting: [])
    made = [end(live_meeting(cast.owner.user, title)) for title in "CBA"]
    for days, meeting in enumerate(made):
        Meeting.objects.filter(pk=meeting.pk).update(
            started_at=timezone.now() - timedelta(days=days)
        )
        person = meeting.participants.create(name="Anna", consent="recorded")
        Track.objects.create(
            participant=person, file="a.ogg", state="closed", duration_ms=1
        )
    return made


def asked(calls: list[Meeting]) -> HearingAgain:
    ids = hearing_again.with_sound(Meeting.objects.all()).values_list("pk", flat=True)
    return hearing_again.many(ids, "My calls", calls[0].owner_id)


def waiting() -> list[str]:
    rows = Job.objects.filter(kind="second_pass", state=Job.State.QUEUED)
    return [job.meeting.title for job in rows]


def run_next() -> str:
    job = Job.objects.filter(kind="second_pass", state=Job.State.QUEUED).get()
    jobs.run(job.pk)
    job.refresh_from_db()
    assert job.state == Job.State.DONE, job.error
    return job.meeting.title


def test_one_call_after_the_other_the_newest_first(calls: list[Meeting]) -> None:
    hearing = asked(calls)
    assert waiting() == ["C"]  # what ends now waits for one old call at most
    assert [run_next(), run_next(), run_next()] == ["C", "B", "A"]
    hearing.refresh_from_db()
    assert (hearing.state, waiting()) == (State.DONE, [])
    assert hearing.calls.exclude(done_at=None).count() == 3


def test_a_pause_begins_no_further_call(calls: list[Meeting]) -> None:
    hearing = asked(calls)
    run_next()
    hearing_again.pause(hearing)
    assert (waiting(), hearing_again.advance()) == ([], 0)
    hearing_again.go_on(hearing)
    assert waiting() == ["B"]


def test_it_can_be_cancelled_for_good(calls: list[Meeting]) -> None:
    hearing = asked(calls)
    hearing_again.cancel(hearing)
    hearing_again.go_on(hearing)
    hearing.refresh_from_db()
    assert (hearing.state, waiting()) == (State.CANCELLED, [])


def test_a_call_that_fails_does_not_stop_the_others(calls: list[Meeting]) -> None:
    hearing = asked(calls)
    Job.objects.filter(kind="second_pass").update(state=Job.State.FAILED)
    hearing_again.sweep()
    assert waiting() == ["B"]
    assert [row.failed for row in hearing.calls.all()] == [True, False, False]


def test_a_call_that_is_deleted_meanwhile_is_passed_by(calls: list[Meeting]) -> None:
    asked(calls)
    calls[0].delete()
    hearing_again.sweep()
    assert waiting() == ["B"]


def test_two_at_once_begin_one_call(calls: list[Meeting]) -> None:
    asked(calls)
    hearing_again.advance()
    hearing_again.advance()
    assert waiting() == ["C"]


def test_it_keeps_what_was_there_before_a_pass(
    cast: Cast, calls: list[Meeting]
) -> None:
    person = calls[0].participants.get()
    say(person, 1_000, "God morning", model="tiny.en 12345678")
    job = hearing_again.one(calls[0])
    hearing_again.keep_lines(job)
    say(person, 3_000, "Half of the pass is written")
    hearing_again.keep_lines(job)  # it begins anew after a stop
    [kept] = EarlierLine.objects.values_list("text", "model", "start_ms")
    assert kept == ("God morning", "tiny.en 12345678", 1_000)
    job.delete()
    hearing_again.keep_lines(hearing_again.one(calls[0]))
    assert EarlierLine.objects.count() == 2  # of before the newest pass alone


def test_what_was_there_before_goes_with_its_time_and_its_person(
    cast: Cast, calls: list[Meeting]
) -> None:
    assert cast.owner.user
    for meeting in calls[:2]:
        say(meeting.participants.get(), 1_000, "Good morning")
        hearing_again.keep_lines(hearing_again.one(meeting))
    erasure.erase(calls[0].participants.get(), cast.owner.user)
    assert [row.meeting for row in EarlierLine.objects.all()] == [calls[1]]
    assert hearing_again.sweep() == 0
    EarlierLine.objects.update(at=timezone.now() - KEPT)
    assert hearing_again.sweep() == 1


def test_the_command_asks_for_one_call_or_for_all(calls: list[Meeting]) -> None:
    call_command("hear_again", calls[2].code)
    assert waiting() == ["A"]
    Job.objects.all().delete()
    call_command("hear_again", all=True)
    assert waiting() == ["C"]
    for wrong in (["nowhere"], []):
        with pytest.raises(CommandError):
            call_command("hear_again", *wrong)

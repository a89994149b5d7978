"""Calls are heard again: in their order, one job at a time, and what was there is kept.

The rows are the truth: ``advance`` may be called by anybody at any time, and is, after
each call and in the rounds of the pages' process.
"""

from collections.abc import Iterable
from datetime import timedelta

import structlog
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from meetings import jobs
from meetings.models import Job, Meeting, Track
from transcription.models import CallToHear, EarlierLine, HearingAgain, Utterance

log = structlog.get_logger(__name__)

PASS = "second_pass"
KEPT = timedelta(days=90)  # that a call's text of before is there to be compared
BATCH = 1000
State = HearingAgain.State


def with_sound(meetings: QuerySet[Meeting]) -> QuerySet[Meeting]:
    """Those that can be heard again: they are over, and have a file. The newest
    first."""
    files = Track.objects.readable().sound()
    heard = meetings.filter(
        state=Meeting.State.ENDED, pk__in=files.values("participant__meeting")
    )
    return heard.order_by("-started_at", "-pk")


def one(meeting: Meeting) -> Job:
    """Have a call heard again."""
    return jobs.request(PASS, meeting)


@transaction.atomic
def many(meetings: Iterable[int], what: str, by: int | None) -> HearingAgain:
    """Have calls heard again, in this order: their ids."""
    hearing = HearingAgain.objects.create(what=what[:600], by_id=by)
    rows = (CallToHear(hearing=hearing, meeting_id=pk) for pk in meetings)
    count = len(CallToHear.objects.bulk_create(rows, batch_size=BATCH))
    log.info("calls are heard again", hearing=hearing.pk, by=by, calls=count)
    transaction.on_commit(advance)
    return hearing


def advance(ended: int | None = None) -> int:
    """Begin the next call of each order whose last one has ended; how many.

    ``ended``: a job that is about to be done."""
    going = HearingAgain.objects.filter(state=State.GOING).values_list("pk", flat=True)
    return sum(_advance(pk, ended) for pk in list(going))


@transaction.atomic
def _advance(pk: int, ended: int | None) -> bool:
    hearing = HearingAgain.objects.select_for_update().filter(pk=pk).first()
    if hearing is None or hearing.state != State.GOING:
        return False
    left = hearing.calls.filter(done_at=None).select_related("job", "meeting")
    for call in left.exclude(job=None):
        if call.job and not call.job.is_finished and call.job_id != ended:
            return False
        call.done_at = timezone.now()
        call.failed = bool(call.job and call.job.state == Job.State.FAILED)
        call.save(update_fields=["done_at", "failed"])
    following = left.filter(job=None).first()
    if following is None:
        _end(hearing, State.DONE)
        return False
    following.job = jobs.request(PASS, following.meeting, again=hearing.pk)
    following.save(update_fields=["job"])
    return True


def at_work(hearings: Iterable[int]) -> QuerySet[CallToHear]:
    """The call of each order that is heard now, or waits for its turn."""
    begun = CallToHear.objects.filter(hearing__in=hearings, done_at=None)
    return begun.exclude(job=None)


def pause(hearing: HearingAgain) -> None:
    """No further call is begun; the one at work is heard to its end."""
    _hold(hearing, State.PAUSED)


def go_on(hearing: HearingAgain) -> None:
    paused = HearingAgain.objects.filter(pk=hearing.pk, state=State.PAUSED)
    if paused.update(state=State.GOING):
        advance()


def cancel(hearing: HearingAgain) -> None:
    """Likewise, for good: what was heard stays."""
    _hold(hearing, State.CANCELLED)


@transaction.atomic
def _hold(hearing: HearingAgain, state: str) -> None:
    row = HearingAgain.objects.select_for_update().get(pk=hearing.pk)
    if not row.is_unfinished:
        return
    waiting = Job.objects.filter(kind=PASS, state=Job.State.QUEUED)
    waiting.filter(payload__again=row.pk).delete()
    _end(row, state)


def _end(hearing: HearingAgain, state: str) -> None:
    hearing.state = state
    if not hearing.is_unfinished:
        hearing.finished_at = timezone.now()
    hearing.save(update_fields=["state", "finished_at"])
    log.info("hearing again", hearing=hearing.pk, state=state)


@transaction.atomic
def keep_lines(job: Job) -> None:
    """Keep a call's lines as they are before a pass, in place of those of before the
    last one; once for each pass, however often it begins."""
    earlier = EarlierLine.objects.filter(meeting=job.meeting)
    if earlier.filter(job=job.pk).exists():
        return
    earlier.delete()
    columns = ("participant_id", "start_ms", "end_ms", "text", "model")
    lines = Utterance.objects.filter(meeting=job.meeting).values(*columns)
    kept = [
        EarlierLine(meeting=job.meeting, job=job.pk, **line)
        for line in lines.iterator(BATCH)
    ]
    EarlierLine.objects.bulk_create(kept, batch_size=BATCH)


def sweep() -> int:
    """Go on with what waits, and forget what was kept long enough; how many lines."""
    advance()
    return EarlierLine.objects.filter(at__lt=timezone.now() - KEPT).delete()[0]

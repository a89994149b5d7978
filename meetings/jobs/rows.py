"""The rows of jobs: who may write what, and what becomes of a runner that is lost.

A runner's name is used for one attempt only (meetings/jobs/runners.py): who is named in
a running row is the only one who may write it, and a lost one never ends its
successor's job.
"""

import time
from collections.abc import Callable
from datetime import datetime
from typing import Any, TypeVar

import structlog
from django.db import InterfaceError, OperationalError, close_old_connections
from django.db.models import F, QuerySet
from django.utils import timezone

from meetings.jobs import runners
from meetings.models import Job
from meetings.models.job import ATTEMPTS, STALE

log = structlog.get_logger(__name__)

Result = TypeVar("Result")

AWAY = (OperationalError, InterfaceError)  # the database; it may come back
PAUSES = (0.2, 0.5, 1.0, 2.0, 5.0)  # s until it is asked again; the last one stays
GIVEN_UP = "Stopped three times before it was done"

_silence = runners.Silence()


def claim(job_id: int) -> Job | None:
    """The job, for a new runner alone; None when it does not wait."""
    runner = runners.new()

    def take() -> Job | None:  # twice where the first answer is lost
        now = timezone.now()
        Job.objects.filter(pk=job_id, state=Job.State.QUEUED).update(
            state=Job.State.RUNNING,
            started_at=now,
            heartbeat_at=now,
            attempt=F("attempt") + 1,
            progress=0,
            runner=runner,
        )
        running = Job.objects.filter(pk=job_id, state=Job.State.RUNNING, runner=runner)
        return running.select_related("meeting").first()

    return surely(take)


def ours(job: Job) -> QuerySet[Job]:
    """The row, while the job is still this runner's."""
    return Job.objects.filter(pk=job.pk, state=Job.State.RUNNING, runner=job.runner)


def write(job: Job, **values: Any) -> bool:
    """Write to the row if the job is still this runner's; whether it is."""
    written = bool(surely(lambda: ours(job).update(**values)))
    if not written:
        log.info("another runner has the job", job=job.pk, kind=job.kind)
    return written


def surely(act: Callable[[], Result]) -> Result:
    """Do it as soon as the database can: a job whose end is not written down is lost,
    or done twice. Raises its error once this process stops."""
    pauses = iter(PAUSES)
    while True:
        try:
            return act()
        except AWAY as error:
            close_old_connections()
            if runners.is_stopping():
                raise
            log.warning("a job waits for the database", error=str(error).strip())
        time.sleep(next(pauses, PAUSES[-1]))


def leave(job_id: int) -> None:
    """Not here: whoever looks next finds it due."""
    waiting = Job.objects.filter(pk=job_id, state=Job.State.QUEUED)
    waiting.update(heartbeat_at=long_ago())


def long_ago() -> datetime:
    """A moment since which a job that waits is due."""
    return timezone.now() - 2 * STALE


def is_due(job: Job) -> bool:
    """Whether a waiting job had time to be taken. What waits since tomorrow was queued
    before the clock was set back."""
    return abs(timezone.now() - job.heartbeat_at) > STALE


def lost() -> list[Job]:
    """Running jobs whose runner is dead, or was silent for STALE."""
    running = list(Job.objects.filter(state=Job.State.RUNNING))
    silent = _silence.look({(job.pk, job.runner): job.heartbeat_at for job in running})
    return [
        job
        for job in running
        if runners.is_dead(job.runner)
        or silent[job.pk, job.runner] >= STALE.total_seconds()
    ]


def left_by_the_dead() -> list[Job]:
    """Running jobs whose process ran on this host and is gone."""
    running = Job.objects.filter(state=Job.State.RUNNING)
    return [job for job in running if runners.is_dead(job.runner)]


def take_back(job: Job) -> bool:
    """Queue a lost job again, or give it up; False when its runner was heard of."""
    over = job.attempt >= ATTEMPTS
    unheard = ours(job).filter(heartbeat_at=job.heartbeat_at)
    job.state = Job.State.FAILED if over else Job.State.QUEUED
    job.error = GIVEN_UP if over else job.error
    now = timezone.now()
    return bool(
        unheard.update(
            state=job.state,
            error=job.error,
            heartbeat_at=now if over else long_ago(),
            finished_at=now if over else None,
        )
    )

"""Running a job: claimed by a conditional UPDATE, kept alive by a heartbeat."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

import structlog
from django.db import close_old_connections
from django.utils import timezone

from meetings.jobs import rows, runners
from meetings.jobs.kinds import KINDS, JobFailed, JobInterrupted, JobWaits, publish
from meetings.jobs.rows import AWAY
from meetings.models import Job
from meetings.models.job import ATTEMPTS, HEARTBEAT

log = structlog.get_logger(__name__)

LOOK = 0.5  # s between two looks at whether this process is to stop
CRASHED = "Something went wrong. The log says why."
_hearts: set[threading.Thread] = set()  # each beats for a job until its end is written


def stop() -> None:
    """This process ends soon: it takes no more jobs, and what it runs is interrupted at
    its next step. Takes no lock, so a signal handler may call it."""
    runners.stop()


def is_stopping() -> bool:
    """Whether this process takes no more jobs."""
    return runners.is_stopping()


def wait(seconds: float) -> None:
    """After ``stop``: wait so long at most for the jobs of this process to be back."""
    until = time.monotonic() + seconds
    for thread in list(_hearts):
        thread.join(max(0.0, until - time.monotonic()))


def run(job_id: int) -> None:
    """Run one job, if nobody else does. What RQ calls."""
    try:
        if runners.is_stopping():
            rows.leave(job_id)
        elif job := rows.claim(job_id):
            publish(job)
            with _kept_alive(job) as work:
                _run(work)
    except AWAY as error:  # this process stops: whoever looks next sees it in the row
        log.error("the database is away, a job is left", job=job_id, error=str(error))


@dataclass
class _Work:
    """A job at work in this process."""

    job: Job
    taken: bool = False  # by another runner: this one was silent for too long

    def beat(self, **values: int) -> None:
        """Say in the row that the job is alive."""
        try:
            row = rows.ours(self.job)
            self.taken = not row.update(heartbeat_at=timezone.now(), **values)
        except AWAY as error:
            close_old_connections()
            log.warning("no heartbeat", job=self.job.pk, error=str(error).strip())

    def report(self, share: float) -> None:
        """Note how far it is. Raises JobInterrupted when it shall not go on."""
        if runners.is_stopping() or self.taken:
            raise JobInterrupted
        share = min(1.0, max(0.0, share))
        if share - self.job.progress < 0.01:
            return
        self.job.progress = share
        try:
            rows.ours(self.job).update(progress=share)
        except AWAY as error:  # the next one will be noted
            close_old_connections()
            log.warning("progress not noted", job=self.job.pk, error=str(error))
        publish(self.job)


def _run(work: _Work) -> None:
    job = work.job
    try:
        KINDS[job.kind].run(job, work.report)
    except JobFailed as error:
        _finish(job, Job.State.FAILED, str(error))
    except JobWaits as error:
        log.info("job waits", job=job.pk, kind=job.kind, reason=str(error))
        _put_back(job, timezone.now(), str(error))
    except (JobInterrupted, KeyboardInterrupt, SystemExit) as stopped:
        _put_back(job, rows.long_ago())
        if not isinstance(stopped, JobInterrupted):
            raise
    except Exception as error:
        if runners.is_stopping():  # what it works with is being stopped, too
            log.warning("job interrupted", job=job.pk, kind=job.kind, error=str(error))
            _put_back(job, rows.long_ago())
            return
        log.exception("job failed", job=job.pk, kind=job.kind, attempt=job.attempt)
        again = job.attempt < ATTEMPTS
        _finish(job, Job.State.QUEUED if again else Job.State.FAILED, CRASHED)
    else:
        _finish(job, Job.State.DONE)


def _finish(job: Job, state: str, error: str = "") -> None:
    done = state == Job.State.DONE
    job.state, job.error = state, error[:300]
    job.progress = 1.0 if done else job.progress
    now = timezone.now()
    if rows.write(
        job,
        state=state,
        error=job.error,
        progress=job.progress,
        heartbeat_at=now,
        finished_at=None if state == Job.State.QUEUED else now,
    ):
        publish(job)


def _put_back(job: Job, since: datetime, reason: str = "") -> None:
    """Back into the queue, as if nobody had taken it, where it waits since then."""
    job.state, job.error, job.attempt = Job.State.QUEUED, reason[:300], job.attempt - 1
    if rows.write(
        job,
        state=job.state,
        error=job.error,
        attempt=job.attempt,
        heartbeat_at=since,
    ):
        publish(job)


@contextmanager
def _kept_alive(job: Job) -> Iterator[_Work]:
    work, ended = _Work(job), threading.Event()
    name = f"heartbeat-{job.pk}"
    thread = threading.Thread(target=_beat, args=(work, ended), name=name, daemon=True)
    thread.start()
    _hearts.add(thread)
    try:
        yield work
    finally:
        _hearts.discard(thread)
        ended.set()
        thread.join(HEARTBEAT.total_seconds())


def _beat(work: _Work, ended: threading.Event) -> None:
    """Say that the job is alive, and once the process is to stop, that this was no
    attempt: then the row knows, however the process ends."""
    before = work.job.attempt - 1
    values: dict[str, int] = {}
    due = time.monotonic() + HEARTBEAT.total_seconds()
    while not ended.wait(LOOK):
        stops = runners.is_stopping() and not values
        if not stops and time.monotonic() < due:
            continue
        if stops:
            values = {"attempt": before}
        due = time.monotonic() + HEARTBEAT.total_seconds()
        work.beat(**values)
    close_old_connections()

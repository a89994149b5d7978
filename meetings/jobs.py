"""Jobs: claimed by a conditional UPDATE, kept alive by a heartbeat, run again if lost.

A job function is idempotent and takes ``(job, progress)``; it may run twice. Chapters
above register their kinds in ``AppConfig.ready()``.
"""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import structlog
from django.db import close_old_connections, transaction
from django.db.models import F, Q
from django.utils import timezone
from redis.exceptions import RedisError

from meetings import queues
from meetings.events import announce
from meetings.models import Job, Meeting
from meetings.models.job import ATTEMPTS, HEARTBEAT, STALE

log = structlog.get_logger(__name__)

Progress = Callable[[float], None]


class JobFailed(Exception):
    """The work cannot be done; the message is for people. Not tried again."""


class JobWaits(Exception):
    """The work cannot be done yet; the message is for people. The job stays queued, and
    is tried again by the reconciler: this was no attempt."""


@dataclass(frozen=True)
class Kind:
    run: Callable[[Job, Progress], None]
    queue: str
    label: str  # what the page says while it runs


KINDS: dict[str, Kind] = {}


def register(
    name: str, run: Callable[[Job, Progress], None], *, queue: str, label: str
) -> None:
    KINDS[name] = Kind(run, queue, label)


def request(kind: str, meeting: Meeting, **payload: Any) -> Job:
    """Queue ``kind`` for ``meeting``; one that still waits with this payload serves."""
    waiting = Job.objects.filter(
        meeting=meeting, kind=kind, payload=payload, state=Job.State.QUEUED
    )
    job = waiting.first() or Job.objects.create(
        meeting=meeting, kind=kind, payload=payload
    )
    transaction.on_commit(lambda: _enqueue(job))
    return job


def retry(job: Job) -> bool:
    """Queue a failed job again; False when it has not failed, or no longer."""
    now = timezone.now()
    failed = Job.objects.filter(pk=job.pk, state=Job.State.FAILED)
    if not failed.update(
        state=Job.State.QUEUED, attempt=0, progress=0, error="", heartbeat_at=now
    ):
        return False
    job.refresh_from_db()
    transaction.on_commit(lambda: _enqueue(job))
    _tell(job)
    return True


def _enqueue(job: Job) -> None:
    try:
        queues.push(KINDS[job.kind].queue, job)
    except (RedisError, OSError) as error:
        # The row stays queued: the reconciler enqueues it when Redis is back.
        log.warning("redis is away, the job waits", job=job.pk, error=str(error))


def run(job_id: int) -> None:
    """Run one job, if nobody else does. What RQ calls."""
    job = _claim(job_id)
    if job is None:
        return
    kind = KINDS[job.kind]
    _tell(job)
    try:
        with _heartbeat(job.pk):
            kind.run(job, lambda share: _progress(job, share))
    except JobFailed as error:
        _finish(job, Job.State.FAILED, str(error))
    except JobWaits as error:
        log.info("job waits", job=job.pk, kind=job.kind, reason=str(error))
        _postpone(job, str(error))
    except Exception as error:
        log.exception("job failed", job=job.pk, kind=job.kind, attempt=job.attempt)
        again = job.attempt < ATTEMPTS
        _finish(job, Job.State.QUEUED if again else Job.State.FAILED, repr(error))
    else:
        _finish(job, Job.State.DONE)


def _claim(job_id: int) -> Job | None:
    now = timezone.now()
    free = Q(state=Job.State.QUEUED) | Q(
        state=Job.State.RUNNING, heartbeat_at__lt=now - STALE
    )
    job = Job.objects.filter(free, pk=job_id).select_related("meeting").first()
    if job is None:
        return None
    won = Job.objects.filter(free, pk=job_id, attempt=job.attempt).update(
        state=Job.State.RUNNING,
        heartbeat_at=now,
        attempt=job.attempt + 1,
        runner=socket.gethostname(),
    )
    if not won:
        return None
    job.state, job.attempt = Job.State.RUNNING, job.attempt + 1
    return job


def _finish(job: Job, state: str, error: str = "") -> None:
    done = state == Job.State.DONE
    job.state, job.error = state, error[:300]
    job.progress = 1.0 if done else job.progress
    # Only while the row is still ours: a lost runner must not end its successor's job.
    Job.objects.filter(pk=job.pk, attempt=job.attempt, state=Job.State.RUNNING).update(
        state=state,
        error=job.error,
        progress=job.progress,
        heartbeat_at=timezone.now(),
        finished_at=None if state == Job.State.QUEUED else timezone.now(),
    )
    _tell(job)


def _postpone(job: Job, reason: str) -> None:
    """Back into the queue, as if nobody had taken it."""
    ours = Job.objects.filter(pk=job.pk, attempt=job.attempt, state=Job.State.RUNNING)
    job.state, job.error, job.attempt = Job.State.QUEUED, reason[:300], job.attempt - 1
    ours.update(
        state=job.state,
        error=job.error,
        attempt=job.attempt,
        heartbeat_at=timezone.now(),
    )
    _tell(job)


def _progress(job: Job, share: float) -> None:
    share = min(1.0, max(0.0, share))
    if share - job.progress < 0.01:
        return
    job.progress = share
    Job.objects.filter(pk=job.pk, attempt=job.attempt).update(progress=share)
    _tell(job)


def _tell(job: Job) -> None:
    announce(job.meeting_id, {"type": "job", "job": describe(job)})


def describe(job: Job) -> dict[str, Any]:
    """What a page shows of a job."""
    kind = KINDS.get(job.kind)
    postponed = job.state == Job.State.QUEUED and job.attempt == 0
    return {
        "id": job.pk,
        "kind": job.kind,
        "label": kind.label if kind else job.kind,
        "state": job.state,
        "percent": round(job.progress * 100),
        "error": job.error,
        "waits": job.error if postponed else "",  # for what, if not for its turn
    }


@contextmanager
def _heartbeat(job_id: int) -> Iterator[None]:
    stop = threading.Event()

    def beat() -> None:
        while not stop.wait(HEARTBEAT.total_seconds()):
            try:
                Job.objects.filter(pk=job_id).update(heartbeat_at=timezone.now())
            except Exception:
                log.exception("heartbeat failed", job=job_id)
        close_old_connections()

    thread = threading.Thread(target=beat, name=f"heartbeat-{job_id}", daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


def release() -> int:
    """Give back what this host runs: its processes are stopped. How many jobs.

    An orderly stop is no failed attempt, so it does not count as one.
    """
    mine = Job.objects.filter(state=Job.State.RUNNING, runner=socket.gethostname())
    return mine.update(
        state=Job.State.QUEUED,
        attempt=F("attempt") - 1,
        heartbeat_at=timezone.now() - 2 * STALE,
    )


def reconcile() -> int:
    """Tell Redis again what waits, or lost its runner, and is not in its queues; how
    many were told."""
    silent = timezone.now() - STALE
    over = Job.objects.filter(
        state=Job.State.RUNNING, attempt__gte=ATTEMPTS, heartbeat_at__lt=silent
    )
    for job in over:
        _finish(job, Job.State.FAILED, "Stopped three times before it was done")
    try:
        return sum(_refill(queue) for queue in {kind.queue for kind in KINDS.values()})
    except (RedisError, OSError) as error:
        log.warning("redis is away, jobs wait", error=str(error))
        return 0


def _refill(queue: str) -> int:
    silent = timezone.now() - STALE
    kinds = [name for name, kind in KINDS.items() if kind.queue == queue]
    waiting = Job.objects.filter(state__in=Job.UNFINISHED, kind__in=kinds)
    return queues.refill(queue, waiting, lambda job: job.heartbeat_at < silent)

"""Asking for jobs: a row that waits, and an entry in Valkey that says so."""

from typing import Any

import structlog
from django.db import transaction
from django.utils import timezone
from redis.exceptions import RedisError

from meetings.jobs import queues
from meetings.jobs.kinds import KINDS, publish
from meetings.models import Job, Meeting

log = structlog.get_logger(__name__)


def request(kind: str, meeting: Meeting | None, **payload: Any) -> Job:
    """Queue ``kind`` for ``meeting``; one that still waits with this payload serves.

    None: work of the whole site, which goes on whatever calls are deleted.
    """
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
    publish(job)
    return True


def _enqueue(job: Job) -> None:
    try:
        queues.push(KINDS[job.kind].queue, job)
    except (RedisError, OSError) as error:
        # The row stays queued: the reconciler enqueues it when Redis is back.
        log.warning("redis is away, the job waits", job=job.pk, error=str(error))

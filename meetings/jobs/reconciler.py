"""Jobs whose runner is lost, and jobs that Valkey has forgotten."""

import structlog
from redis.exceptions import RedisError

from meetings.jobs import queues, rows
from meetings.jobs.kinds import KINDS, publish
from meetings.models import Job

log = structlog.get_logger(__name__)


def release() -> int:
    """Give back what ended processes of this host left running; how many jobs.

    For who has just ended some: what lives is not touched, whoever started it.
    """
    return len(_take_back(rows.left_by_the_dead()))


def reconcile() -> int:
    """Take jobs back from runners that are lost, and tell Redis again what waits and is
    not in its queues; how many were told."""
    _take_back(rows.lost())
    try:
        return sum(_refill(queue) for queue in {kind.queue for kind in KINDS.values()})
    except (RedisError, OSError) as error:
        log.warning("redis is away, jobs wait", error=str(error))
        return 0


def _take_back(lost: list[Job]) -> list[Job]:
    taken = [job for job in lost if rows.take_back(job)]
    for job in taken:
        log.warning("a runner was lost", job=job.pk, kind=job.kind, runner=job.runner)
        publish(job)
    return taken


def _refill(queue: str) -> int:
    kinds = [name for name, kind in KINDS.items() if kind.queue == queue]
    waiting = Job.objects.filter(state=Job.State.QUEUED, kind__in=kinds)
    return queues.refill(queue, waiting, rows.is_due)

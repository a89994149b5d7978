"""Redis's side of the jobs: an entry says that a row may have work.

The rows are the truth. An entry is named after its row and attempt, so that two of one
name are one, and nothing is lost with a Redis that forgets: ``refill`` brings it back.
"""

import re
from collections.abc import Callable
from contextlib import suppress

import django_rq
from django.db.models import QuerySet
from rq import Queue
from rq.exceptions import NoSuchJobError
from rq.job import Job as Entry

from meetings.models import Job

RUN = "meetings.jobs.run"
OURS = re.compile(r"job-\d+-\d+")
FAILED_SECONDS = 3600  # an entry whose process was killed is kept, for who looks


def push(queue_name: str, job: Job) -> None:
    """Put a row's entry in, if it is not there. Raises RedisError."""
    queue = django_rq.get_queue(queue_name)
    if queue.get_job_position(_name(job)) is None:
        _put(queue, job)


def refill(
    queue_name: str, waiting: QuerySet[Job], is_due: Callable[[Job], bool]
) -> int:
    """Put in what is due and not there, take out what waits no more; how many were put
    in. Raises RedisError."""
    queue = django_rq.get_queue(queue_name)
    there = set(queue.get_job_ids())
    rows = list(waiting.all())  # later than the entries: each of those has its row here
    lacking = [job for job in rows if is_due(job) and _name(job) not in there]
    for job in lacking:
        _put(queue, job)
    for name in there - {_name(job) for job in rows}:
        if OURS.fullmatch(name):
            _drop(queue, name)
    return len(lacking)


def _name(job: Job) -> str:
    return f"job-{job.pk}-{job.attempt}"


def _put(queue: Queue, job: Job) -> None:
    entry = queue.create_job(
        RUN,
        args=(job.pk,),
        job_id=_name(job),
        result_ttl=0,
        failure_ttl=FAILED_SECONDS,
    )
    with queue.connection.pipeline() as pipe:
        queue.enqueue_job(entry, pipeline=pipe)
        pipe.lrem(queue.key, 0, entry.id)  # another process may put it in as well
        queue.push_job_id(entry.id, pipeline=pipe)
        pipe.execute()


def _drop(queue: Queue, name: str) -> None:
    queue.remove(name)
    with suppress(NoSuchJobError):
        Entry.fetch(name, connection=queue.connection).delete()

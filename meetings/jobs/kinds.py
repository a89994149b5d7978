"""The kinds of jobs that there are, and what pages are told of each job.

A job function is idempotent and takes ``(job, progress)``; it may run twice. Chapters
above register their kinds in ``AppConfig.ready()``.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from meetings.events import announce
from meetings.models import Job

Progress = Callable[[float], None]


class JobFailed(Exception):
    """The work cannot be done; the message is for people. Not tried again."""


class JobWaits(Exception):
    """The work cannot be done yet; the message is for people. The job stays queued, and
    is tried again by the reconciler: this was no attempt."""


class JobInterrupted(Exception):
    """The process, or the engine that works for the job, was told to stop. The job goes
    back into the queue: this was no attempt."""


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


def publish(job: Job) -> None:
    """Tell open pages of the meeting how the job is; of the site's own ask the row."""
    if job.meeting_id is not None:
        announce(job.meeting_id, {"type": "job", "job": describe(job)})

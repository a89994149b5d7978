"""Work that takes long lets other work by."""

from redis.exceptions import RedisError

from meetings import jobs
from meetings.models import Job
from meetings.rooms import nodes

LONG = (
    "film",
    "downloads",
    "mp4",
    "pack",
    "speakers",
)  # kinds that let others by, between two of their parts


def others_wait(*besides: str) -> bool:
    """Whether quicker work waits for the worker; what was postponed does not, nor does
    work of the kinds ``besides``."""
    kinds = [name for name, kind in jobs.KINDS.items() if kind.queue == "default"]
    waiting = Job.objects.filter(state=Job.State.QUEUED, kind__in=kinds, error="")
    return waiting.exclude(kind__in=[*LONG, *besides]).exists()


def people_in_calls() -> bool:
    """Whether somebody is in a call of this site now, as far as is known."""
    try:
        said = nodes.reports().values()
    except RedisError:
        return True  # nobody knows: with care
    return any(node.get("calls", {}).get("people") for node in said)


def is_erasing(job: Job) -> bool:
    """Whether somebody's data is to be deleted from what the job works with."""
    unfinished = job.meeting.jobs.filter(state__in=Job.UNFINISHED)
    return unfinished.filter(kind="erase").exists()

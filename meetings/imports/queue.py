"""Calls that come in as files: how far each is, and how long all will take.

Nothing here asks more of the database for 5,000 calls than for five: a page of rows,
and sums.
"""

from collections import defaultdict
from dataclasses import dataclass
from typing import Any

from django.contrib.auth.models import User
from django.db.models import Case, Count, QuerySet, Sum, When
from django.utils import timezone

from meetings.jobs.kinds import KINDS, describe
from meetings.models import Fingerprint, Job, Meeting

READ = "import"
LATER = ("film", "downloads", "mp4")  # kinds that no call waits for
MEASURED = 20  # finished calls that the speed is taken from
ORDER = (Job.State.RUNNING, Job.State.FAILED, Job.State.QUEUED)


def _brought_by(user: User) -> QuerySet[Job]:
    here = Job.objects.filter(kind=READ, meeting__deleted_at=None)
    return here.filter(meeting__owner=user)


def imports_of(user: User) -> QuerySet[Job]:
    """Import jobs of the calls that ``user`` brought, what needs somebody first."""
    places = [When(state=state, then=place) for place, state in enumerate(ORDER)]
    return (
        _brought_by(user)
        .select_related("meeting")
        .prefetch_related("meeting__participants", "meeting__jobs")
        .order_by(Case(*places, default=len(ORDER)), "-pk")
    )


def counts_of(user: User) -> dict[str, int]:
    """How many of them are in each state. One query."""
    counted = (
        _brought_by(user).order_by().values_list("state").annotate(count=Count("pk"))
    )
    return dict.fromkeys(Job.State.values, 0) | dict(counted)


@dataclass(frozen=True)
class ImportRow:
    """A call that came in, as the page of imports shows it."""

    job: Job

    @property
    def meeting(self) -> Meeting:
        return self.job.meeting

    @property
    def name(self) -> str:
        """Of the call; while nobody is in it yet, of its first file."""
        files = self.job.payload.get("files", [])
        first = str(files[0]["name"]) if files else ""
        return self.meeting.title or first or self.meeting.name

    @property
    def work(self) -> dict[str, Any] | None:
        """The job that it waits for or that failed; None when all is done."""
        jobs = [job for job in self.meeting.jobs.all() if job.kind not in LATER]
        ranked = sorted(jobs, key=lambda job: (_place(job), job.pk))
        first = ranked[0] if ranked else None
        return describe(first) if first and first.state in ORDER else None

    @property
    def is_failed(self) -> bool:
        return bool(self.job.state == Job.State.FAILED)

    @property
    def is_coming(self) -> bool:
        """Whether its files are not read yet."""
        return self.job.state in Job.UNFINISHED

    @property
    def lacks_date(self) -> bool:
        """Whether nobody and no file said when it was held."""
        told = self.job.payload
        given = told.get("held_at") or told.get("held_else")
        dated = any(entry.get("dated", True) for entry in told.get("files", []))
        return bool(self.job.state == Job.State.DONE and not given and not dated)


def _place(job: Job) -> int:
    return ORDER.index(Job.State(job.state)) if job.state in ORDER else len(ORDER)


def seconds_left() -> float | None:
    """Until all that came in can be read, by the speed of the last calls; None while
    nothing is measured. Jobs of a queue follow each other, queues work side by side."""
    waiting = _bytes_waiting()
    if not waiting:
        return 0.0
    paces = _paces()
    if READ not in paces:
        return None
    queues: dict[str, float] = defaultdict(float)
    for kind, pace in paces.items():
        coming = waiting.get(READ, 0) + (waiting.get(kind, 0) if kind != READ else 0)
        queues[KINDS[kind].queue if kind in KINDS else ""] += coming * pace
    return max(queues.values())


def _bytes_waiting() -> dict[str, int]:
    """{kind of job: bytes of imported files that it has to do yet}. One query."""
    left = Fingerprint.objects.filter(meeting__jobs__state__in=Job.UNFINISHED)
    counted = left.order_by().values_list("meeting__jobs__kind").annotate(Sum("bytes"))
    return {kind: size for kind, size in counted if kind not in LATER}


def _paces() -> dict[str, float]:
    """{kind of job: seconds per byte} over the calls that were read last."""
    read = Job.objects.filter(kind=READ, state=Job.State.DONE, started_at__isnull=False)
    calls = list(read.order_by("-pk").values_list("meeting_id", flat=True)[:MEASURED])
    sizes = Fingerprint.objects.filter(meeting__in=calls).aggregate(all=Sum("bytes"))
    done = Job.objects.filter(meeting__in=calls, state=Job.State.DONE).exclude(
        kind__in=LATER
    )
    seconds: dict[str, float] = defaultdict(float)
    for job in done.exclude(started_at=None).exclude(finished_at=None):
        if job.started_at and job.finished_at:
            seconds[job.kind] += (job.finished_at - job.started_at).total_seconds()
    return {
        kind: spent / sizes["all"] for kind, spent in seconds.items() if sizes["all"]
    }


def date_it(job: Job, moment: Any) -> None:
    """Somebody said when the call was held."""
    job.meeting.started_at = moment
    job.meeting.save(update_fields=["started_at"])
    job.payload["held_at"] = timezone.localtime(moment).isoformat()
    Job.objects.filter(pk=job.pk).update(payload=job.payload)

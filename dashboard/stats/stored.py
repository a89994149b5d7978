"""Figures are stored when a call is indexed: what search and medians read."""

from collections.abc import Iterator, Mapping

from django.db import transaction
from django.db.models import Exists, OuterRef

from dashboard.models import StoredFigure
from dashboard.stats.compute import figures
from dashboard.stats.definitions import VERSION
from dashboard.stats.figure import Figure
from dashboard.stats.gather import timeline_of
from meetings import jobs
from meetings.models import Job, Meeting

AT_A_TIME = 20  # old calls that wait for their figures in the queue
REASON = 200  # characters of why there is none


def store(meeting: Meeting) -> int:
    """Replace the figures of ``meeting`` and its people; returns how many there are."""
    found = figures(timeline_of(meeting))
    rows = list(_rows(meeting.pk, None, found.call))
    for person, of_person in found.people.items():
        rows += _rows(meeting.pk, person, of_person)
    with transaction.atomic():
        Meeting.objects.select_for_update().get(pk=meeting.pk)  # one job after another
        StoredFigure.objects.filter(meeting=meeting).delete()
        return len(StoredFigure.objects.bulk_create(rows))


def _rows(
    meeting: int, person: int | None, found: Mapping[str, Figure]
) -> Iterator[StoredFigure]:
    for name, figure in found.items():
        yield StoredFigure(
            meeting_id=meeting,
            participant_id=person,
            figure=name,
            value=figure.value,
            reason="" if figure.value is not None else figure.reason[:REASON],
            version=VERSION,
        )


def compute(job: Job, progress: jobs.Progress) -> None:
    store(job.meeting)
    progress(1.0)


def catch_up() -> int:
    """Ask for the figures of calls that have none by today's definitions, newest
    first, a few at a time; how many were asked for. Made again now and then."""
    asked = Job.objects.filter(kind="figures")
    waiting = asked.filter(state__in=Job.UNFINISHED).count()
    if waiting >= AT_A_TIME:
        return 0
    stored = StoredFigure.objects.filter(meeting=OuterRef("pk"), version=VERSION)
    before = asked.filter(meeting=OuterRef("pk"), payload={"version": VERSION})
    calls = Meeting.objects.filter(~Exists(stored), ~Exists(before))
    calls = calls.filter(state=Meeting.State.ENDED).order_by("-created_at", "-pk")
    found = list(calls[: AT_A_TIME - waiting])
    for meeting in found:
        jobs.request("figures", meeting, version=VERSION)
    return len(found)

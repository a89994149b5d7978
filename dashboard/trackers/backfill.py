"""Trackers look through the calls that were held before, the newest first.

Where it is stands in the tracker's row: a job that is cut off goes on from there, and
one that was lost is asked for again. Hits of the version before stay until the call
that they are in has been looked through.
"""

from collections.abc import Sequence

from django.db.models import F, Q, QuerySet
from django.db.models.functions import Coalesce

from dashboard.models import Hit, SavedSearch, Turn
from meetings import jobs
from meetings.models import Job, Meeting
from meetings.recordings.giving_way import others_wait

from .finding import Finder
from .hits import finder_for, replace
from .naming import asking_for

KIND = "track"
SLICE = 20  # calls, then how far it is is written down


def request(search: SavedSearch) -> None:
    """Have ``search`` look through all calls for its present version."""
    jobs.request(KIND, None, search=search.pk)


def look_again(*names: str) -> None:
    """Have the queries that ask for a tracker of one of ``names`` look through all
    calls anew: it has other hits."""
    for search in asking_for(names):
        rows = SavedSearch.objects.filter(pk=search.pk)
        rows.update(version=F("version") + 1)
        request(search)


def request_missing() -> int:
    """Ask again for what is to be filled and has no job, or one that was done for an
    older version; how many. What failed waits for somebody. Called in rounds."""
    searches = list(SavedSearch.objects.to_fill())
    newest = newest_jobs([search.pk for search in searches])
    done = {pk for pk, job in newest.items() if job.state == Job.State.DONE}
    missing = [s for s in searches if s.pk in done or s.pk not in newest]
    for search in missing:
        request(search)
    return len(missing)


def newest_jobs(searches: Sequence[int]) -> dict[int, Job]:
    """{tracker: the job that was asked for last}."""
    asked = Job.objects.filter(kind=KIND, payload__search__in=list(searches))
    return {job.payload["search"]: job for job in asked.order_by("pk")}


def fill(job: Job, progress: jobs.Progress) -> None:
    """Look through all calls for the tracker that the job names, in slices, between
    which it lets other work by."""
    while search := _behind(job.payload["search"]):
        _begin(search)
        finder = finder_for(search)
        while calls := _calls(search):
            progress(search.fill_done / max(1, search.fill_total))
            worth = worth_a_look(finder, calls, search)
            if not all(replace(search, finder, call) for call in worth):
                break  # it was changed meanwhile: from the beginning
            _note(search, calls)
            if others_wait(KIND):
                raise jobs.JobInterrupted
        else:
            _end(search)


def worth_a_look(
    finder: Finder, calls: Sequence[Meeting], search: SavedSearch | None = None
) -> list[Meeting]:
    """Those of ``calls`` that may hold a hit, or have some of ``search`` now."""
    turns = Turn.objects.filter(meeting__in=calls).order_by()
    ids = {
        meeting
        for meeting, normal in turns.values_list("meeting", "normal")
        if finder.may_be_in(normal)
    }
    if search:
        old = Hit.objects.filter(search=search, meeting__in=calls).order_by()
        ids |= set(old.values_list("meeting", flat=True))
    return [call for call in calls if call.pk in ids]


def _behind(pk: int) -> SavedSearch | None:
    return SavedSearch.objects.to_fill().filter(pk=pk).first()


def _begin(search: SavedSearch) -> None:
    """From the newest call, unless this version has begun already."""
    if search.filling_version == search.version:
        return
    search.filling_version = search.version
    search.fill_date, search.fill_pk, search.fill_done = None, 0, 0
    search.fill_total = _with_text().count()
    _save(search, "filling_version", "fill_date", "fill_pk", "fill_done", "fill_total")


def _with_text() -> QuerySet[Meeting]:
    spoken = Turn.objects.order_by().values("meeting")
    return Meeting.objects.filter(pk__in=spoken)


def _calls(search: SavedSearch) -> list[Meeting]:
    """The next calls to be looked through, each with the day when it ``began``."""
    calls = _with_text().annotate(began=Coalesce("started_at", "created_at"))
    if search.fill_date:
        same_day = Q(began=search.fill_date, pk__lt=search.fill_pk)
        calls = calls.filter(Q(began__lt=search.fill_date) | same_day)
    return list(calls.order_by("-began", "-pk")[:SLICE])


def _note(search: SavedSearch, calls: Sequence[Meeting]) -> None:
    search.fill_date, search.fill_pk = calls[-1].date, calls[-1].pk
    search.fill_done += len(calls)
    _save(search, "fill_date", "fill_pk", "fill_done")


def _end(search: SavedSearch) -> None:
    """Calls without words any more have no hits; nothing is left of older versions."""
    old = Hit.objects.filter(search=search, version__lt=search.version)
    old.delete()
    search.filled_version = search.version
    _save(search, "filled_version")
    if not search.query:  # two queries that ask for one another would never end
        look_again(search.name)


def _save(search: SavedSearch, *fields: str) -> None:
    """Only while the row is of this version: who changed it begins anew."""
    values = {field: getattr(search, field) for field in fields}
    SavedSearch.objects.filter(pk=search.pk, version=search.version).update(**values)

"""Work of the review side that outlives a request."""

from dashboard.models import Label, StoredFigure
from dashboard.search.index import forget, rebuild
from dashboard.stats.stored import store
from dashboard.trackers.hits import rerun_by_figures
from meetings import jobs
from meetings.models import Job, Meeting


def request_index(meeting_id: int) -> None:
    """Listens to taps of a meeting whose text changed."""
    meeting = Meeting.objects.filter(pk=meeting_id).first()
    if meeting:
        jobs.request("index", meeting)


def index(job: Job, progress: jobs.Progress) -> None:
    rebuild(job.meeting)
    progress(0.5)
    store(job.meeting)
    rerun_by_figures(job.meeting)
    progress(1.0)


def forget_person(meeting_id: int) -> None:
    """Listens to ``taps.person_erased``; the index that follows makes figures anew."""
    StoredFigure.objects.filter(meeting=meeting_id).delete()  # reasons have names
    Label.objects.filter(meeting=meeting_id).delete()  # so have titles
    forget()

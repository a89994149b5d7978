"""Work of the review side that outlives a request."""

from dashboard.search.index import forget, rebuild
from meetings import jobs
from meetings.models import Job, Meeting


def request_index(meeting_id: int) -> None:
    """Listens to taps of a meeting whose text changed."""
    meeting = Meeting.objects.filter(pk=meeting_id).first()
    if meeting:
        jobs.request("index", meeting)


def index(job: Job, progress: jobs.Progress) -> None:
    rebuild(job.meeting)
    progress(1.0)


def forget_person(meeting_id: int) -> None:
    """Listens to ``taps.person_erased``."""
    forget()

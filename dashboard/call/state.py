"""How a page learns that it is behind: short marks of what it shows."""

from typing import Any

from django.db.models import Count, Max

from dashboard.queries import work_left
from meetings import jobs
from meetings.models import Job, Recording
from transcription.models import Utterance


def of_lines(meeting_id: int) -> str:
    """Changes with any line of the meeting."""
    marks = Utterance.objects.filter(meeting=meeting_id).aggregate(
        count=Count("pk"), last=Max("updated_at")
    )
    last = marks["last"]
    return f"{marks['count']}-{last.timestamp() if last else 0}"


def of_recording(meeting_id: int) -> str:
    """Changes with the files that the player plays; empty when there are none."""
    recording = Recording.objects.filter(meeting=meeting_id).first()
    if recording is None:
        return ""
    return f"{recording.mix}-{recording.duration_ms}-{recording.video}"


def of_work(meeting_id: int) -> list[dict[str, Any]]:
    """Jobs that are not done, as a page shows them."""
    work = work_left(Job.objects.filter(meeting=meeting_id))
    return [jobs.describe(job) for job in work]


def hello(meeting_id: int) -> dict[str, Any]:
    """The first message to a page: it fetches what it shows an older mark of."""
    return {
        "type": "hello",
        "lines": of_lines(meeting_id),
        "recording": of_recording(meeting_id),
        "jobs": of_work(meeting_id),
    }

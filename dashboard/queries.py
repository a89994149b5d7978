"""Reads of the review side. Everything begins at ``Meeting.objects.visible_to``."""

from collections.abc import Iterable

from django.contrib.auth.models import AbstractBaseUser, AnonymousUser
from django.db.models import OuterRef, QuerySet, Subquery
from django.db.models.functions import Left

from meetings.models import Job, Meeting
from transcription.models import Utterance

FIRST_WORDS = 160  # characters of the transcript in a row of the list


def meetings_for(user: AbstractBaseUser | AnonymousUser) -> QuerySet[Meeting]:
    """Meetings that ``user`` may see, newest first, with what a row shows of each."""
    lines = Utterance.objects.filter(meeting=OuterRef("pk")).order_by("start_ms", "pk")
    first = lines.annotate(start=Left("text", FIRST_WORDS)).values("start")[:1]
    return (
        Meeting.objects.visible_to(user)
        .annotate(first_words=Subquery(first))
        .prefetch_related("participants", "jobs")
        .order_by("-created_at", "-pk")
    )


def work_left(jobs: Iterable[Job]) -> list[Job]:
    """Of each kind the newest job, unless it is done: what a page tells of."""
    newest = {job.kind: job for job in sorted(jobs, key=lambda job: job.pk)}
    return [job for job in newest.values() if job.state != Job.State.DONE]

"""Reads of the review side. Everything begins at ``Meeting.objects.visible_to``."""

from collections.abc import Iterable
from datetime import timedelta

from django.contrib.auth.models import AbstractBaseUser, AnonymousUser
from django.db.models import Case, OuterRef, Q, QuerySet, Subquery, When
from django.db.models.functions import Coalesce, Left
from django.utils import timezone

from meetings.models import Job, Meeting
from transcription.models import Utterance

FIRST_WORDS = 160  # characters of the transcript in a row of the list
WAITS = timedelta(days=14)  # a meeting that nobody came to is listed so long
GOING_ON = (Meeting.State.LIVE, Meeting.State.OPEN)  # imports have a page of their own


def meetings_for(user: AbstractBaseUser | AnonymousUser) -> QuerySet[Meeting]:
    """Meetings that ``user`` may see, with what a row shows of each: what goes on
    first, then the newest call.

    Who made a room sees it before anybody came to it; the others have no use for it.
    """
    lines = Utterance.objects.filter(meeting=OuterRef("pk")).order_by("start_ms", "pk")
    first = lines.annotate(start=Left("text", FIRST_WORDS)).values("start")[:1]
    unused = Q(state=Meeting.State.OPEN)
    theirs = Q(owner_id=user.pk, created_at__gt=timezone.now() - WAITS)
    return (
        Meeting.objects.visible_to(user)
        .filter(~unused | theirs)
        .annotate(
            first_words=Subquery(first),
            turn=Case(When(state__in=GOING_ON, then=0), default=1),
            began=Coalesce("started_at", "created_at"),
        )
        .select_related("talk_strip", "account")
        .prefetch_related("participants", "jobs")
        .order_by("turn", "-began", "-pk")
    )


def work_left(jobs: Iterable[Job]) -> list[Job]:
    """Of each kind the newest job, unless it is done: what a page tells of."""
    return [job for job in newest(jobs) if job.state != Job.State.DONE]


def newest(jobs: Iterable[Job]) -> list[Job]:
    """Of each kind the newest job."""
    by_kind = {job.kind: job for job in sorted(jobs, key=lambda job: job.pk)}
    return list(by_kind.values())

"""Reads of the review side. Everything begins at ``Meeting.objects.visible_to``."""

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from django.contrib.auth.models import AbstractBaseUser, AnonymousUser
from django.core.paginator import Page, Paginator
from django.db.models import Case, OuterRef, Q, QuerySet, Subquery, When
from django.db.models.functions import Coalesce, Left
from django.utils import timezone

from meetings.models import Job, Meeting
from transcription.models import Utterance

FIRST_WORDS = 160  # characters of the transcript in a row of the list
WAITS = timedelta(days=14)  # a meeting that nobody came to is listed so long
GOING_ON = (Meeting.State.LIVE, Meeting.State.OPEN)  # imports have a page of their own


def meetings_for(user: AbstractBaseUser | AnonymousUser) -> QuerySet[Meeting]:
    """Meetings that ``user`` may see: what goes on first, then the newest call.

    Who made a room sees it before anybody came to it; the others have no use for it.
    """
    unused = Q(state=Meeting.State.OPEN)
    theirs = Q(owner_id=user.pk, created_at__gt=timezone.now() - WAITS)
    return (
        Meeting.objects.visible_to(user)
        .filter(~unused | theirs)
        .annotate(
            turn=Case(When(state__in=GOING_ON, then=0), default=1),
            began=Coalesce("started_at", "created_at"),
        )
        .order_by("turn", "-began", "-pk")
    )


def page_of(meetings: QuerySet[Meeting], number: str | int, size: int) -> "Page[Any]":
    """A page of ``meetings_for``: they are looked up once, to count and to page. What a
    row shows is read of those of the page alone; else a database puts it together for
    all of them before it sorts."""
    ids = list(meetings.values_list("pk", flat=True))
    page: Page[Any] = Paginator(ids, size).get_page(number)
    rows = _with_rows(Meeting.objects.all()).in_bulk(page.object_list)
    page.object_list = [rows[pk] for pk in page.object_list if pk in rows]
    return page


def _with_rows(meetings: QuerySet[Meeting]) -> QuerySet[Meeting]:
    lines = Utterance.objects.filter(meeting=OuterRef("pk")).order_by("start_ms", "pk")
    first = lines.annotate(start=Left("text", FIRST_WORDS)).values("start")[:1]
    return (
        meetings.annotate(first_words=Subquery(first))
        .select_related("talk_strip", "account")
        .prefetch_related("participants", "jobs")
    )


def work_left(jobs: Iterable[Job]) -> list[Job]:
    """Of each kind the newest job, unless it is done: what a page tells of."""
    return [job for job in newest(jobs) if job.state != Job.State.DONE]


def newest(jobs: Iterable[Job]) -> list[Job]:
    """Of each kind the newest job."""
    by_kind = {job.kind: job for job in sorted(jobs, key=lambda job: job.pk)}
    return list(by_kind.values())

"""Rows of the list of trackers, and how far each is with earlier calls."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Self
from urllib.parse import urlencode

from django.contrib.auth.models import AbstractBaseUser
from django.db.models import Count
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils import timezone

from dashboard.models import Alert, Hit, SavedSearch
from meetings.models import Job

from .backfill import newest_jobs
from .wanted import read

RECENT = timedelta(days=30)
TOLD: dict[str, str] = {
    Alert.How.PAGE: "you are told of new hits",
    Alert.How.DAILY: "you are told of new hits, also by mail",
}


@dataclass(frozen=True)
class Filling:
    """How far a tracker is with the calls that were held before."""

    done: int
    total: int
    error: str = ""  # it failed, and waits for somebody to try again

    @classmethod
    def of(
        cls, search: SavedSearch, failed: Mapping[int, str] | None = None
    ) -> Self | None:
        """None when all calls have been looked through."""
        if search.is_filled or not search.tracked:
            return None
        errors = _failed([search.pk]) if failed is None else failed
        begun = search.filling_version == search.version
        done, total = (search.fill_done, search.fill_total) if begun else (0, 0)
        return cls(done, total, errors.get(search.pk, ""))

    @property
    def percent(self) -> int:
        return min(100, 100 * self.done // max(1, self.total))


@dataclass(frozen=True)
class TrackerRow:
    """What the list says of a saved search."""

    search: SavedSearch
    hits: int  # in calls of the last 30 days that the reader may see
    alert: str  # how the reader is told of new ones, in words
    filling: Filling | None
    owned: bool  # by the reader

    @property
    def about(self) -> str:
        return self.search.query or read(self.search.form).about()

    @property
    def results(self) -> str:
        """Where the search that is typed in the box leads."""
        return f"{reverse('home')}?{urlencode({'q': self.search.query})}"


def rows_for(user: AbstractBaseUser) -> list[TrackerRow]:
    """All that ``user`` may see, by name; four queries."""
    searches = list(SavedSearch.objects.visible_to(user).select_related("owner"))
    hits = _recent_hits(user)
    alerts = {a.search_id: a for a in Alert.objects.filter(user=user.pk)}
    failed = _failed([search.pk for search in searches if search.tracked])
    return [
        TrackerRow(
            search,
            hits.get(search.pk, 0),
            TOLD[alerts[search.pk].how] if search.pk in alerts else "",
            Filling.of(search, failed),
            search.is_owned_by(user),
        )
        for search in searches
    ]


def _recent_hits(user: AbstractBaseUser) -> dict[int, int]:
    began = Coalesce("meeting__started_at", "meeting__created_at")
    hits = Hit.objects.visible_to(user).annotate(began=began)
    recent = hits.filter(began__gt=timezone.now() - RECENT).order_by()
    counted = recent.values("search").annotate(count=Count("pk"))
    return dict(counted.values_list("search", "count"))


def _failed(searches: list[int]) -> dict[int, str]:
    """{tracker: why}, where the newest job for it failed."""
    jobs = newest_jobs(searches)
    return {pk: job.error for pk, job in jobs.items() if job.state == Job.State.FAILED}

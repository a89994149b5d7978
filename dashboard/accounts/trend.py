"""Calls with an account, month by month, and how much of the talk was ours."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from statistics import mean

from django.db.models import OuterRef, QuerySet, Subquery
from django.utils import timezone

from dashboard.accounts.queries import BEGAN
from dashboard.models import StoredFigure
from meetings.models import Meeting

MONTHS = 12
SHORTEST_MS = 180_000  # a shorter call tells nothing of who talks how much
WIDTH, HEIGHT = 480, 120  # of the drawing; a month is 40 wide


@dataclass(frozen=True)
class Month:
    first: date
    calls: int
    talk_ratio: float | None  # ours, in %: the mean of the calls that have one
    most: int  # calls of the fullest month
    number: int  # 0 for the oldest

    @property
    def x(self) -> int:
        return self.number * WIDTH // MONTHS

    @property
    def middle(self) -> int:
        return self.x + WIDTH // MONTHS // 2

    @property
    def tall(self) -> int:
        return round(self.calls / self.most * HEIGHT) if self.most else 0

    @property
    def top(self) -> int:
        return HEIGHT - self.tall

    @property
    def ratio_y(self) -> float | None:
        ratio = self.talk_ratio
        return None if ratio is None else round(HEIGHT * (1 - ratio / 100), 1)


def trend_of(calls: QuerySet[Meeting], today: date | None = None) -> list[Month]:
    """The last twelve months, this one last; a call belongs to the month it began in,
    by the site's clock. One query."""
    today = today or timezone.localdate()
    firsts = list(reversed(list(_months_back(today))))
    ratio = StoredFigure.objects.of_calls().filter(
        meeting=OuterRef("pk"), figure="talk_ratio"
    )
    start = timezone.make_aware(datetime(firsts[0].year, firsts[0].month, 1))
    rows = calls.annotate(
        began=BEGAN, ratio=Subquery(ratio.values("value")[:1])
    ).filter(began__gte=start)
    return _counted(firsts, rows.values_list("began", "duration_ms", "ratio"))


def _months_back(today: date) -> Iterator[date]:
    first = today.replace(day=1)
    for _ in range(MONTHS):
        yield first
        first = (first - timedelta(days=1)).replace(day=1)


def _counted(
    firsts: list[date], rows: Iterable[tuple[datetime, int, float | None]]
) -> list[Month]:
    ratios: dict[date, list[float | None]] = {first: [] for first in firsts}
    for began, duration_ms, ratio in rows:
        first = timezone.localtime(began).date().replace(day=1)
        told = ratio if duration_ms >= SHORTEST_MS else None
        ratios.get(first, []).append(told)
    most = max(len(found) for found in ratios.values())
    return [
        Month(first, len(found), _mean(found), most, number)
        for number, (first, found) in enumerate(ratios.items())
    ]


def _mean(ratios: list[float | None]) -> float | None:
    told = [ratio for ratio in ratios if ratio is not None]
    return mean(told) if told else None


def line_of(months: list[Month]) -> str:
    """Points of the line through the talk ratios; months without one are passed by."""
    points = [(m.middle, m.ratio_y) for m in months if m.ratio_y is not None]
    return " ".join(f"{x},{y}" for x, y in points)

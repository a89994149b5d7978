"""What is usual in a team: the median of its people's means, for each figure."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from statistics import median
from typing import Any, NamedTuple

from django.contrib.auth import get_user_model
from django.contrib.auth.models import AbstractBaseUser, AnonymousUser
from django.db.models import Avg, Count, Q, QuerySet

from dashboard.models import StoredFigure
from meetings.models import Meeting

FEWEST = 5  # calls, below which nothing is usual
NEWEST = 500  # calls: what was usual years ago is not
SHORTEST_MS = 180_000  # a shorter call is no example


class TeamMedian(NamedTuple):
    value: float
    calls: int


def medians(
    viewer: AbstractBaseUser | AnonymousUser, meeting: Meeting, names: Iterable[str]
) -> Mapping[str, TeamMedian]:
    """{figure: of the calls of this one's owner and teams that ``viewer`` may see}.

    A call counts from three minutes on and with both sides; a figure that is grey
    there does not. Left out: figures of fewer than FEWEST calls. One query.
    """
    rows = (
        StoredFigure.objects.of_calls()
        .told()
        .filter(figure__in=list(names), meeting__in=_examples(viewer, meeting))
        .order_by()
        .values_list("figure", "meeting__owner")
        .annotate(mean=Avg("value"), calls=Count("pk"))
    )
    means: dict[str, list[tuple[float, int]]] = defaultdict(list)
    for figure, _, mean, calls in rows:
        means[figure].append((mean, calls))
    found = {
        figure: TeamMedian(median(mean for mean, _ in of), sum(n for _, n in of))
        for figure, of in means.items()
    }
    return {figure: usual for figure, usual in found.items() if usual.calls >= FEWEST}


def _examples(
    viewer: AbstractBaseUser | AnonymousUser, meeting: Meeting
) -> QuerySet[Meeting, Any]:
    """The newest calls that may stand for the team."""
    mates = get_user_model().objects.filter(groups__user=meeting.owner_id).values("pk")
    both = StoredFigure.objects.of_calls().told().filter(figure="talk_ratio")
    calls = Meeting.objects.visible_to(viewer).filter(
        Q(owner_id=meeting.owner_id) | Q(owner_id__in=mates),
        state=Meeting.State.ENDED,
        duration_ms__gte=SHORTEST_MS,
        pk__in=both.values("meeting"),
    )
    return calls.order_by("-created_at", "-pk").values("pk")[:NEWEST]

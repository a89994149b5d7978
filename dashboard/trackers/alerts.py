"""New hits of the trackers that a person wants to hear of.

News are hits in calls that this person may see, found since the last look. What a
tracker finds in calls of before it was made, or changed, is no news.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from django.contrib.auth.models import AbstractBaseUser, AnonymousUser
from django.db.models import Count, Q, QuerySet
from django.utils import timezone

from dashboard.models import Alert, Hit, SavedSearch

Reader = AbstractBaseUser | AnonymousUser


@dataclass(frozen=True)
class News:
    """New hits of one tracker."""

    search: SavedSearch
    hits: int
    calls: int


def count_for(user: Reader) -> int:
    """How many new hits there are; two queries at most."""
    return _new(user).count()


def news_for(user: Reader, by_mail: bool = False) -> list[News]:
    """New hits by tracker; ``by_mail``: those that today's mail tells of."""
    rows = (
        _new(user, by_mail)
        .order_by()
        .values("search")
        .annotate(hits=Count("pk"), calls=Count("meeting", distinct=True))
    )
    found = {row["search"]: (row["hits"], row["calls"]) for row in rows}
    searches = SavedSearch.objects.filter(pk__in=found)
    return [News(search, *found[search.pk]) for search in searches]


def new_hits(user: Reader, search: SavedSearch, by_mail: bool = False) -> QuerySet[Hit]:
    """The new ones of one tracker."""
    return _new(user, by_mail).filter(search=search)


def _new(user: Reader, by_mail: bool = False) -> QuerySet[Hit]:
    """What was found since the last look and, by mail, since the last mail as well. A
    bound for each tracker, as the index of hits has it."""
    alerts = Alert.objects.filter(user=user.pk)
    if by_mail:
        alerts = alerts.filter(how=Alert.How.DAILY)
    told = Q()
    for alert in alerts:
        since = max(alert.seen_at, alert.mailed_at) if by_mail else alert.seen_at
        told |= Q(search=alert.search_id, found_at__gt=since)
    return Hit.objects.visible_to(user).filter(told) if told else Hit.objects.none()


def seen(user: Reader, searches: Sequence[int] | None = None) -> None:
    """Note that ``user`` looked: at some trackers, or at all of them."""
    alerts = Alert.objects.filter(user=user.pk)
    if searches is not None:
        alerts = alerts.filter(search__in=searches)
    alerts.update(seen_at=timezone.now())


def set_alert(user: AbstractBaseUser, search: SavedSearch, how: str) -> None:
    """Tell ``user`` of what ``search`` finds from now on; no way: not any more."""
    if how not in Alert.How.values:
        Alert.objects.filter(user=user.pk, search=search).delete()
        return
    now = timezone.now()
    Alert.objects.update_or_create(
        user_id=user.pk,
        search=search,
        defaults={"how": how},
        create_defaults={"how": how, "seen_at": now, "mailed_at": now},
    )

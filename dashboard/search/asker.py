"""Who asks: what "me" and "today" mean in a query, and what may be found."""

from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.contrib.auth.models import AbstractBaseUser, AnonymousUser
from django.http import HttpRequest
from django.utils import timezone

from .values import days

COOKIE = "zone"  # the browser's time zone, by static/site/times.js


@dataclass(frozen=True)
class Asker:
    """A person with a time zone. No query finds what its asker may not see."""

    user: AbstractBaseUser | AnonymousUser
    zone: tzinfo = field(default_factory=timezone.get_default_timezone)

    @property
    def today(self) -> date:
        return timezone.now().astimezone(self.zone).date()

    def span(self, text: str) -> tuple[datetime, datetime] | None:
        """First moment of the days that ``text`` names, and the first after them."""
        found = days(text, self.today)
        if found is None:
            return None
        first, last = found
        return self._midnight(first), self._midnight(last + timedelta(days=1))

    def _midnight(self, day: date) -> datetime:
        return datetime.combine(day, time(), self.zone)


def asker_of(request: HttpRequest) -> Asker:
    zone = zone_named(request.COOKIES.get(COOKIE, ""))
    return Asker(request.user, zone) if zone else Asker(request.user)


def zone_named(name: str) -> tzinfo | None:
    """None for what is no zone: a cookie may hold anything."""
    try:
        return ZoneInfo(name) if 0 < len(name) < 64 else None
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None

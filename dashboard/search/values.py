"""Values of filters: a stretch of a call, days, amounts. Each reader gives None for
text that it cannot read."""

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import date, timedelta

STRETCH = re.compile(r"(?P<end>first|last)(?P<amount>\d{1,4})(?P<unit>m|s|%)")
AMOUNT = re.compile(r"(?:(\d{1,4})h)?(?:(\d{1,4})m)?(?:(\d{1,9}(?:\.\d{1,6})?)s)?")
CLOCK = re.compile(r"(\d{1,4}):([0-5]\d)")
NUMBER = re.compile(r"\d{1,7}(?:\.\d{1,6})?")
DAY = re.compile(r"(\d{4})-(\d{1,2})(?:-(\d{1,2}))?")
BACK = re.compile(r"(\d{1,3})([dwmy])")
FURTHEST_BACK = 100  # years


@dataclass(frozen=True, slots=True)
class CallStretch:
    """A part of a call, from its beginning or from its end; in ms, or in hundredths of
    its length (``share``)."""

    low: float
    high: float
    from_end: bool = False
    share: bool = False

    def bounds(self, duration_ms: float) -> tuple[float, float]:
        """First ms of the part and the first behind it, in a call so long."""
        unit = duration_ms / 100 if self.share else 1
        if self.from_end:
            return duration_ms - self.high * unit, duration_ms + 1
        return self.low * unit, self.high * unit

    def holds(self, start_ms: int, duration_ms: int) -> bool:
        """Whether what begins at ``start_ms`` is in it. A call that is still on has no
        length (0), so no end and no shares."""
        if (self.share or self.from_end) and not duration_ms:
            return False
        low, high = self.bounds(duration_ms)
        return low <= start_ms < high


def stretch(text: str) -> CallStretch | None:
    """ "first10m", "last20%", "10m..20m", "1:30..2:00"."""
    if match := STRETCH.fullmatch(text):
        amount, share = float(match["amount"]), match["unit"] == "%"
        size = amount if share else amount * (60_000 if match["unit"] == "m" else 1000)
        good = size > 0 and not (share and size > 100)
        return CallStretch(0, size, match["end"] == "last", share) if good else None
    first, dots, last = text.partition("..")
    low, high = seconds(first), seconds(last)
    if not dots or low is None or high is None or low >= high:
        return None
    return CallStretch(low * 1000, high * 1000)


def seconds(text: str) -> float | None:
    """ "2m30s", "90s", "1h", "1:30"."""
    if clock := CLOCK.fullmatch(text):
        return int(clock[1]) * 60 + int(clock[2])
    match = AMOUNT.fullmatch(text)
    if not text or not match:
        return None
    hours, minutes, rest = (float(part or 0) for part in match.groups())
    return hours * 3600 + minutes * 60 + rest


def number(text: str) -> float | None:
    return float(text) if NUMBER.fullmatch(text) else None


def days(text: str, today: date) -> tuple[date, date] | None:
    """First and last day of "2026-10-01", "2026-10", "today", "yesterday", or of the
    day that "30d", "2w", "6m" or "1y" counts back to from ``today``."""
    if text in ("today", "yesterday"):
        day = today - timedelta(days=text == "yesterday")
        return day, day
    if match := BACK.fullmatch(text):
        day = _back(today, int(match[1]), match[2])
        return day, day
    match = DAY.fullmatch(text)
    return _dated(int(match[1]), int(match[2]), match[3]) if match else None


def _back(today: date, count: int, unit: str) -> date:
    if unit in "dw":
        return today - timedelta(days=count * (7 if unit == "w" else 1))
    months = min(count * (12 if unit == "y" else 1), 12 * FURTHEST_BACK)
    year, month = divmod(today.year * 12 + today.month - 1 - months, 12)
    return date(year, month + 1, min(today.day, monthrange(year, month + 1)[1]))


def _dated(year: int, month: int, day: str | None) -> tuple[date, date] | None:
    try:
        first = date(year, month, int(day or 1))
    except ValueError:
        return None
    if day:
        return first, first
    return first, first.replace(day=monthrange(year, month)[1])

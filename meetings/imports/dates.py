"""When a call was held, by the name of its file: pure."""

import re
from datetime import UTC, datetime, timedelta, tzinfo

OLDEST = datetime(1995, 1, 1, tzinfo=UTC)  # before it, a date is a clock that was reset
NOON = 12  # of a day without a time: no time zone makes another day of it

_DAY = r"(?P<y>(?:19|20)\d\d)(?P<d>[-_. ]?)(?P<m>0[1-9]|1[0-2])(?P=d)(?P<day>[0-3]\d)"
_DAY_FIRST = r"(?P<day>[0-3]\d)\.(?P<m>0[1-9]|1[0-2])\.(?P<y>(?:19|20)\d\d)"
_TIME = (
    r"(?:[T_ -]{1,3}(?:at )?(?P<h>[01]\d|2[0-3])(?P<t>[-_.:h]?)(?P<min>[0-5]\d)"
    r"(?:(?P=t)(?P<s>[0-5]\d))?(?P<z>Z)?(?!\d))?"
)
_FORMS = [
    re.compile(rf"(?<!\d)(?P<gmt>GMT)?{day}(?!\d){_TIME}", re.ASCII)
    for day in (_DAY, _DAY_FIRST)
]


def date_in(name: str, zone: tzinfo, now: datetime) -> datetime | None:
    """The moment that a file's name tells, in ``zone`` unless it says GMT or Z; noon of
    a day without a time. None for no date, one that cannot be, or several days."""
    found = {moment for form in _FORMS for moment in _moments(form, name, zone)}
    real = {moment for moment in found if is_real(moment, now)}
    return real.pop() if len(real) == 1 else None


def is_real(moment: datetime, now: datetime) -> bool:
    """Whether a call can have been then."""
    return OLDEST < moment < now + timedelta(days=1)


def _moments(form: re.Pattern[str], name: str, zone: tzinfo) -> list[datetime]:
    moments = []
    for told in form.finditer(name[:255]):
        hour, minute, second = (int(told[part] or 0) for part in ("h", "min", "s"))
        moment = f"{told['y']}{told['m']}{told['day']}"
        try:
            day = datetime.strptime(moment, "%Y%m%d")
        except ValueError:  # the thirtieth of February
            continue
        utc = told["gmt"] or told["z"]
        hour = NOON if told["h"] is None else hour
        at = day.replace(hour=hour, minute=minute, second=second)
        moments.append(at.replace(tzinfo=UTC if utc else zone))
    return moments

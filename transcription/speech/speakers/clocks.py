"""Times as transcripts write them."""

import re

# 3:07, 00:03:07, 1:00:03.120, 00:03:07,120
CLOCK = r"(?:\d{1,3}:)?\d{1,3}:\d{1,2}(?:[.,]\d{1,6})?"
_PARTS = re.compile(r"(?:(\d{1,3}):)?(\d{1,3}):(\d{1,2})(?:[.,](\d{1,6}))?")


def milliseconds(text: str) -> int:
    """What a CLOCK says. Raises ValueError."""
    told = _PARTS.fullmatch(text.strip())
    if not told:
        raise ValueError(f"{text[:40]!r} is no time")
    hours, minutes, seconds, part = told.groups()
    whole = (int(hours or 0) * 60 + int(minutes)) * 60 + int(seconds)
    return whole * 1000 + int((part or "0").ljust(3, "0")[:3])

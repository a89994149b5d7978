"""What people do to a line of a brief; each says on which state it was done."""

from typing import Any

from django.contrib.auth.models import User
from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils import timezone

from dashboard.brief.lines import BriefEntry
from dashboard.models import BriefLine
from dashboard.models.brief import TEXT
from meetings.models import Meeting
from meetings.models.names import one_line

MOST = 500  # lines of people in one brief
EMPTY = "Write something, or delete the line."
LONG = f"At most {TEXT} characters."
FULL = f"A brief has at most {MOST} lines of yours."


class BadLine(ValueError):
    """What was typed cannot be kept; the text is for people."""


class LineChangedMeanwhile(Exception):
    """Somebody else was quicker; nothing was written."""


def add(meeting: Meeting, section: str, text: str, by: User) -> BriefLine:
    """Write a line of one's own. Raises BadLine."""
    if section not in BriefLine.Section.values:
        raise BadLine("There is no such part of a brief.")
    if BriefLine.objects.filter(meeting=meeting).count() >= MOST:
        raise BadLine(FULL)
    row: BriefLine = BriefLine.objects.create(
        meeting=meeting, section=section, text=_checked(text), changed_by=by
    )
    return row


def rewrite(
    meeting: Meeting, line: BriefEntry, version: int, text: str, by: User
) -> None:
    """Raises BadLine, LineChangedMeanwhile."""
    _write(meeting, line, version, by, text=_checked(text))


def tick(
    meeting: Meeting, line: BriefEntry, version: int, done: bool, by: User
) -> None:
    """Raises LineChangedMeanwhile."""
    _write(meeting, line, version, by, done=done)


def remove(meeting: Meeting, line: BriefEntry, version: int, by: User) -> BriefLine:
    """Take a line out; what was found stays out. Raises LineChangedMeanwhile."""
    return _write(meeting, line, version, by, removed=True)


def restore(row: BriefLine, by: User) -> None:
    now = timezone.now()
    BriefLine.objects.filter(pk=row.pk).update(
        removed=False, changed_by=by, changed_at=now, version=F("version") + 1
    )


def _write(
    meeting: Meeting, line: BriefEntry, version: int, by: User, **values: Any
) -> BriefLine:
    if line.row is None:
        return _stand_for(meeting, line, by, values)
    row = BriefLine.objects.filter(pk=line.row.pk, version=version, removed=False)
    changed = row.update(
        **values, version=version + 1, changed_by=by, changed_at=timezone.now()
    )
    if not changed:
        raise LineChangedMeanwhile
    return line.row


def _stand_for(
    meeting: Meeting, line: BriefEntry, by: User, values: dict[str, Any]
) -> BriefLine:
    """The first change of a sentence that was found makes its row."""
    if BriefLine.objects.filter(meeting=meeting).count() >= MOST:
        raise BadLine(FULL)
    about = {
        "participant_id": line.speaker,
        "section": line.section,
        "start_ms": line.start_ms,
        "end_ms": line.end_ms,
        "source": line.text[:TEXT],
        "sentence": BriefLine.digest(line.text[:TEXT]),
        "text": line.text[:TEXT],
    }
    try:
        with transaction.atomic():
            row: BriefLine = BriefLine.objects.create(
                meeting=meeting, changed_by=by, **(about | values)
            )
    except IntegrityError:
        raise LineChangedMeanwhile from None
    return row


def _checked(text: str) -> str:
    text = one_line(text)
    if not text:
        raise BadLine(EMPTY)
    if len(text) > TEXT:
        raise BadLine(LONG)
    return text

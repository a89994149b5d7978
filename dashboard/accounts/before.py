"""Before the next call: what the last calls with an account left open."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Exists, OuterRef, QuerySet

from dashboard.accounts.queries import BEGAN
from dashboard.brief.lines import BriefEntry, lines_of
from dashboard.call.transcript import anchor_of
from dashboard.models import BriefLine
from dashboard.stats.gather import timeline_of
from meetings.models import Meeting
from meetings.times import clock
from transcription.models import Utterance

CALLS = 3  # that are read; older ones are history
Section = BriefLine.Section


@dataclass(frozen=True)
class OpenLine:
    """A line of a brief, with the address that plays it; without a time, somebody wrote
    it there."""

    href: str
    at: str
    name: str
    text: str


@dataclass(frozen=True)
class LastCall:
    meeting: Meeting
    commitments: list[OpenLine]
    asked: list[OpenLine]  # by the customer, or nobody knows by whom; not answered
    asked_by_us: list[OpenLine]


def with_words(calls: QuerySet[Meeting]) -> QuerySet[Meeting]:
    """Those that ended and have words, newest first, with their people."""
    said = Exists(Utterance.objects.filter(meeting=OuterRef("pk")))
    ended = calls.filter(said, state=Meeting.State.ENDED).order_by(BEGAN.desc(), "-pk")
    return ended.prefetch_related("participants")


def left_open(meeting: Meeting) -> LastCall:
    """What a call left open, by the brief as people left it: what they ticked or took
    out is not open. Seven queries."""
    lines = lines_of(meeting, timeline_of(meeting))
    theirs = [*lines[Section.THEM], *lines[Section.ANYONE]]
    return LastCall(
        meeting,
        _open(meeting, lines[Section.STEPS]),
        _open(meeting, (line for line in theirs if line.is_open)),
        _open(meeting, (line for line in lines[Section.US] if line.is_open)),
    )


def _open(meeting: Meeting, lines: Iterable[BriefEntry]) -> list[OpenLine]:
    return [_line(meeting, line) for line in lines if not line.done]


def _line(meeting: Meeting, line: BriefEntry) -> OpenLine:
    address, start_ms = meeting.get_absolute_url(), line.start_ms
    if start_ms is None:
        return OpenLine(address, "", line.name, line.text)
    return OpenLine(
        f"{address}{anchor_of(start_ms)}", clock(start_ms), line.name, line.text
    )

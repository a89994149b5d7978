"""Marks below the lanes: moments that one looks for in a call.

Whoever has moments of a call adds a source: a function of the meeting and its reader
that gives Marks, listed in SOURCES, with the row they stand in, listed in ROWS.
"""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

from django.contrib.auth.models import AbstractBaseUser, AnonymousUser

from dashboard.call.transcript import anchor_of
from dashboard.models import Bookmark
from dashboard.stats.gather import sentences
from dashboard.stats.sentences import is_question
from dashboard.trackers.in_call import moments_in
from meetings.models import Meeting
from meetings.times import clock
from transcription.models import Removal, Utterance

MOST = 1_000  # marks of a source
LONGEST = 160  # characters of a label

Reader = AbstractBaseUser | AnonymousUser


class LaneMark(NamedTuple):
    """A moment: in which row, when, what one reads of it, where it leads."""

    kind: str
    ms: int
    label: str
    href: str


# kind -> what the row is called; in the order of the rows
ROWS: dict[str, str] = {
    "question-them": "They ask",
    "question-us": "We ask",
    "tracker": "Trackers",
    "removed": "Removed",
    "bookmark": "Bookmarks",
}


def asked(meeting: Meeting, reader: Reader) -> Iterator[LaneMark]:
    """What each side asked."""
    people = {one.pk: one for one in meeting.people if one.is_recorded}
    said: dict[int, list[Utterance]] = defaultdict(list)
    for line in Utterance.objects.filter(meeting=meeting):
        said[line.participant_id].append(line)
    for pk, person in people.items():
        for sentence in filter(is_question, sentences(said[pk])):
            label = f"{person.name}: {sentence.text}"
            yield mark(f"question-{person.side}", sentence.start_ms, label)


def removed(meeting: Meeting, reader: Reader) -> Iterator[LaneMark]:
    """What the filters took away, and nobody gave back."""
    rows = Removal.objects.filter(meeting=meeting, restored_at=None)
    for row in rows.order_by("start_ms", "pk")[:MOST]:
        yield mark("removed", row.start_ms, f"{row.raw} ({row.why})")


def tracked(meeting: Meeting, reader: Reader) -> Iterator[LaneMark]:
    """What the reader's trackers found."""
    for ms, label in moments_in(meeting, reader):
        yield mark("tracker", ms, label)


def bookmarked(meeting: Meeting, reader: Reader) -> Iterator[LaneMark]:
    """What the reader wants to find again, with the line that is said there."""
    kept = Bookmark.objects.filter(meeting=meeting, user=reader.pk)
    moments = list(kept.values_list("at_ms", flat=True))
    if not moments:
        return
    rows = Utterance.objects.filter(meeting=meeting).order_by("start_ms", "pk")
    lines = list(rows.values_list("start_ms", "participant__name", "text"))
    starts = [start for start, _, _ in lines]
    for ms in moments:
        at = bisect_right(starts, ms) - 1
        yield mark("bookmark", ms, "{1}: {2}".format(*lines[at]) if at >= 0 else "")


def mark(kind: str, ms: int, label: str) -> LaneMark:
    return LaneMark(kind, ms, f"{clock(ms)} {label}"[:LONGEST].strip(), anchor_of(ms))


SOURCES: list[Callable[[Meeting, Reader], Iterable[LaneMark]]] = [
    asked,
    removed,
    tracked,
    bookmarked,
]


def marks_of(meeting: Meeting, reader: Reader) -> list[LaneMark]:
    """All marks that a call has for a reader, in order of time."""
    found = (one for source in SOURCES for one in source(meeting, reader))
    return sorted(found, key=lambda one: one.ms)

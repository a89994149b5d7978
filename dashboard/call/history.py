"""What people changed in a call, as one reads it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby, islice

from django.contrib.auth.models import User
from django.utils.functional import cached_property

from dashboard.call.transcript import anchor_of
from meetings.models import Meeting
from meetings.services import name_of
from meetings.times import clock
from transcription.models import Correction

MOST = 200  # changes that are shown
GONE = "somebody who is not here any more"

Kind = Correction.Kind


@dataclass(frozen=True)
class Change:
    """One thing that somebody did; ``rows`` are its corrections, of one kind."""

    rows: Sequence[Correction]
    names: dict[int, str]

    @property
    def first(self) -> Correction:
        return self.rows[-1]

    @property
    def kind(self) -> str:
        return self.first.kind

    @property
    def is_undone(self) -> bool:
        return self.first.undone_at is not None

    @property
    def by(self) -> str:
        return _name(self.first.by)

    @property
    def undone_by(self) -> str:
        return _name(self.first.undone_by)

    @cached_property
    def anchor(self) -> str:
        line = self.first.utterance
        return anchor_of(line.start_ms) if line else ""

    @property
    def at(self) -> str:
        line = self.first.utterance
        return clock(line.start_ms) if line else ""

    @property
    def before(self) -> str:
        """The text, the name and side, or the person that it was."""
        return self._said(self.first.before)

    @property
    def after(self) -> str:
        return self._said(self.first.after)

    @property
    def count(self) -> int:
        return len(self.rows)

    def _said(self, facts: dict[str, object]) -> str:
        if "text" in facts:
            return str(facts["text"])
        if "name" in facts:
            side = "us" if facts["side"] == "us" else "customer"
            return f"{facts['name']} ({side})"
        return self.names.get(int(str(facts["participant"])), GONE)


def changes_of(meeting: Meeting) -> list[Change]:
    """The newest first, at most MOST. Three queries."""
    names = dict(meeting.participants.values_list("pk", "name"))
    rows = Correction.objects.filter(meeting=meeting)
    rows = rows.select_related("by", "undone_by", "utterance")
    rows = rows.order_by("-at", "change", "-pk")
    return list(islice(_grouped(rows.iterator(500), names), MOST))


def _grouped(rows: Iterator[Correction], names: dict[int, str]) -> Iterator[Change]:
    for _, group in groupby(rows, key=lambda row: row.change):
        yield Change(list(group), names)


def _name(user: User | None) -> str:
    return name_of(user) if user else "Somebody"

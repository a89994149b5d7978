"""The turns of a call with what trackers ask of them."""

from collections.abc import Sequence
from dataclasses import dataclass

from dashboard.models import Turn
from meetings.models import Meeting


@dataclass(frozen=True, slots=True)
class TurnText:
    """A turn; ``text``, ``words`` and ``normal`` are as in dashboard.models.Turn.
    ``language`` is empty when nobody knows."""

    pk: int
    participant: int
    name: str
    side: str
    start_ms: int
    end_ms: int
    text: str
    words: Sequence[Sequence[int]]
    normal: str
    language: str = ""


@dataclass(frozen=True, slots=True)
class CallText:
    """The turns of a call in order."""

    duration_ms: int
    turns: Sequence[TurnText]
    meeting_id: int = 0


COLUMNS = (
    *("pk", "participant_id", "participant__name", "participant__side"),
    *("start_ms", "end_ms", "text", "words", "normal", "language"),
)


def of(meeting: Meeting) -> CallText:
    """One query."""
    rows = Turn.objects.filter(meeting=meeting).values_list(*COLUMNS)
    turns = [TurnText(*row) for row in rows]
    ends = [turn.end_ms for turn in turns]
    return CallText(max([meeting.duration_ms, *ends]), turns, meeting.pk)

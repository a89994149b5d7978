"""What a figure is: a value, the moments it comes from, or why there is none."""

from dataclasses import dataclass
from typing import NamedTuple

from dashboard.stats.timeline import CallTimeline
from dashboard.stats.turns import FloorTurn
from meetings.media.spans import Span


class Moment(NamedTuple):
    """Evidence: what one hears when the figure is clicked."""

    start_ms: int
    end_ms: int
    speaker: int  # id
    note: str = ""

    @classmethod
    def of(cls, turn: FloorTurn, note: str = "") -> "Moment":
        return cls(turn.start, turn.end, turn.speaker.id, note)


@dataclass(frozen=True)
class Figure:
    """``value`` is None where the sound does not allow one; ``reason`` says why."""

    value: float | None = None
    evidence: tuple[Moment, ...] = ()
    reason: str = ""


@dataclass(frozen=True)
class Heard:
    """A call as the figures read it: prepared once, for all of them."""

    timeline: CallTimeline
    turns: tuple[FloorTurn, ...]
    lapses: tuple[Span, ...]

    @property
    def minutes(self) -> float:
        """Recorded time without lapses."""
        silent = sum(end - start for start, end in self.lapses)
        return (self.timeline.recorded_ms - silent) / 60_000

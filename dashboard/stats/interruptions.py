"""Who took the floor while somebody else was speaking.

People who listen to the same call agree on "interruption" hardly more than by chance
(kappa about 0.3), so each start in another's speech is named by what became of it.
"""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from dashboard.stats.figure import Figure, Heard, Moment
from dashboard.stats.timeline import Speaker
from dashboard.stats.turns import FloorTurn
from meetings.media.spans import Span, joined


class Outcome(StrEnum):
    TOOK = "took the floor"
    GAVE_WAY = "gave way"
    BOTH = "both talked"


class OverlappingStart(NamedTuple):
    """Somebody began while ``other`` had been speaking for a while, and went on."""

    turn: FloorTurn
    other: Speaker
    outcome: Outcome
    overlap_ms: int  # until the first of them stops


def overlapping_starts(heard: Heard) -> list[OverlappingStart]:
    return list(_starts(heard))


def interruptions(heard: Heard) -> Figure:
    """How often somebody took the floor, of any side; each can be played."""
    took = [s for s in overlapping_starts(heard) if s.outcome is Outcome.TOOK]
    evidence = (
        Moment.of(s.turn, f"{s.turn.speaker.name} over {s.other.name}") for s in took
    )
    return Figure(len(took), tuple(evidence))


@dataclass
class Between:
    """What one person's starts in the speech of another came to."""

    took: int = 0
    gave_way: int = 0
    both: int = 0
    overlap_ms: int = 0  # of all of them

    def add(self, start: OverlappingStart) -> None:
        self.took += start.outcome is Outcome.TOOK
        self.gave_way += start.outcome is Outcome.GAVE_WAY
        self.both += start.outcome is Outcome.BOTH
        self.overlap_ms += start.overlap_ms


def matrix(heard: Heard) -> dict[tuple[int, int], Between]:
    """{(who began, in whose speech): what came of it}, by ids."""
    pairs: defaultdict[tuple[int, int], Between] = defaultdict(Between)
    for start in overlapping_starts(heard):
        pairs[start.turn.speaker.id, start.other.id].add(start)
    return dict(pairs)


def _starts(heard: Heard) -> Iterator[OverlappingStart]:
    rules = heard.timeline.rules
    flows = {
        speaker.id: joined(speaker.speech, rules.continues)
        for speaker in heard.timeline.speakers
    }
    for turn in heard.turns:
        if not turn.holds_floor(rules):
            continue
        for other in heard.timeline.speakers:
            if other is turn.speaker:
                continue
            at = round(turn.start - turn.speaker.heard_late_ms(turn.start))
            flow = _flow_at(flows[other.id], at)
            if not flow or flow[1] - at < rules.overlap:
                continue
            if at - flow[0] >= rules.speaking:
                own = _flow_at(flows[turn.speaker.id], turn.start)
                outcome = _outcome(heard, at, own, flow)
                ends = min(flow[1], own[1]) if own else flow[1]
                yield OverlappingStart(turn, other, outcome, max(0, ends - at))


def _flow_at(flows: list[Span], at: int) -> Span | None:
    n = bisect_right(flows, at, key=lambda flow: flow[0]) - 1
    return flows[n] if n >= 0 and at < flows[n][1] else None


def _outcome(heard: Heard, at: int, own: Span | None, flow: Span) -> Outcome:
    rules = heard.timeline.rules
    own_end = own[1] if own else at
    if flow[1] - at <= rules.yields and own_end - flow[1] >= rules.holds:
        return Outcome.TOOK
    if flow[1] - own_end >= rules.holds:
        return Outcome.GAVE_WAY
    return Outcome.BOTH

"""Interactivity: how often the floor goes from side to side."""

from itertools import pairwise

from dashboard.stats.figure import Figure, Heard, Moment
from dashboard.stats.talk_ratio import ONE_SIDE

PER_MINUTES = 5
FULL = 10.0


def switches(heard: Heard) -> Figure:
    """Switches between sides per 5 minutes, without lapses; of three words and more."""
    rules = heard.timeline.rules
    turns = [turn for turn in heard.turns if turn.holds_floor(rules)]
    if len({turn.speaker.side for turn in turns}) < 2 or heard.minutes <= 0:
        return Figure(reason=ONE_SIDE)
    crossed = [b for a, b in pairwise(turns) if a.speaker.side != b.speaker.side]
    evidence = tuple(Moment.of(turn) for turn in crossed)
    return Figure(PER_MINUTES * len(crossed) / heard.minutes, evidence)


def interactivity(heard: Heard) -> Figure:
    """The same from 0 to 10; the scale is ours, others do not publish theirs."""
    found = switches(heard)
    if found.value is None:
        return found
    score = found.value / heard.timeline.rules.full_interactivity
    return Figure(min(FULL, score), found.evidence)

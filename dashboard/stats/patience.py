"""Patience: how long we wait after the customer has ended."""

from collections.abc import Callable, Iterator, Sequence
from statistics import mean, median
from typing import NamedTuple

from dashboard.stats.figure import Figure, Heard, Moment
from dashboard.stats.turns import FloorTurn
from meetings.media.spans import touches

NOT_MEASURED = "Not corrected for the line: no round trip was measured"


class Passage(NamedTuple):
    """The floor goes from the customer to us. ``wait_ms`` is below 0 in an overlap;
    ``late_ms`` is what it has less than the server saw."""

    reply: FloorTurn
    their_end: int
    wait_ms: float
    late_ms: float = 0.0

    @property
    def as_it_came(self) -> "Passage":
        """Not corrected for the line."""
        return self._replace(wait_ms=self.wait_ms + self.late_ms, late_ms=0.0)


def passages(heard: Heard) -> list[Passage]:
    """Every passage them -> us that no lost sound lies in, as we heard it."""
    return list(_passages(heard))


def patience(heard: Heard) -> Figure:
    """Mean wait in seconds of passages that are no lapse and no overlapping start."""
    return _patience(heard, passages(heard), mean)


def median_patience(heard: Heard) -> Figure:
    return _patience(heard, passages(heard), median)


def patience_as_it_came(heard: Heard) -> Figure:
    """The mean at the times at which sound reached the server; none where that is the
    same, because no line was measured."""
    if not any(speaker.round_trips for speaker in heard.timeline.of("us")):
        return Figure(reason=NOT_MEASURED)
    return _patience(heard, [one.as_it_came for one in passages(heard)], mean)


def overlapping_starts(heard: Heard) -> Figure:
    """How often we began while the customer went on: counted apart, never averaged."""
    limit = heard.timeline.rules.overlap
    early = [found for found in passages(heard) if found.wait_ms <= -limit]
    return Figure(len(early), tuple(Moment.of(found.reply) for found in early))


def _patience(
    heard: Heard,
    replies: Sequence[Passage],
    average: Callable[[Sequence[float]], float],
) -> Figure:
    rules = heard.timeline.rules
    kept = [one for one in replies if -rules.overlap < one.wait_ms <= rules.lapse]
    if len(kept) < rules.passages:
        return Figure(reason=f"Fewer than {rules.passages} replies to the customer")
    waits = [max(found.wait_ms, 0.0) for found in kept]
    evidence = tuple(_moment(found) for found in kept)
    return Figure(average(waits) / 1000, evidence)


def _moment(found: Passage) -> Moment:
    """What one hears: the end of what they said, the pause, how we begin."""
    wait = max(found.wait_ms, 0.0) / 1000
    return Moment(
        max(0, found.their_end - 2_000),
        found.reply.start + 1_000,
        found.reply.speaker.id,
        f"{wait:.1f} s",
    )


def _passages(heard: Heard) -> Iterator[Passage]:
    their_end, before = 0, ""
    for turn in heard.turns:
        if turn.is_backchannel:
            continue
        if turn.speaker.side == "them":
            their_end = max(their_end, turn.end)
        elif before == "them" and not turn.is_continuation:
            late = turn.speaker.heard_late_ms(turn.start)
            if not _lost(heard, their_end, turn.start):
                yield Passage(turn, their_end, turn.start - late - their_end, late)
        before = turn.speaker.side


def _lost(heard: Heard, end: int, start: int) -> bool:
    low, high = sorted((end, start))
    return any(touches(who.gaps, low, high) for who in heard.timeline.speakers)

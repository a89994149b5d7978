"""Longest monologue and longest customer story: the longest turn of each side."""

from collections.abc import Iterator

from dashboard.stats.figure import Figure, Heard, Moment
from dashboard.stats.timeline import Side
from dashboard.stats.turns import FloorTurn

NO_TURN = "Nobody of this side says three words in a row"
SHOWN = 3  # the longest ones that are played as evidence


def longest_monologue(heard: Heard) -> Figure:
    """Of one of us, in seconds, pauses included; it ends where another takes a turn."""
    return _longest(heard, "us")


def longest_story(heard: Heard) -> Figure:
    """The same for the customer."""
    return _longest(heard, "them")


def longest_of_side(heard: Heard, side: Side) -> Figure:
    """Turns of colleagues that follow within a turn's gap count as one."""
    chains = list(_chains(heard, side))
    if not chains:
        return Figure(reason=NO_TURN)
    start, end, speaker = max(
        chains, key=lambda chain: (chain[1] - chain[0], -chain[0])
    )
    return Figure((end - start) / 1000, (Moment(start, end, speaker),))


def _longest(heard: Heard, side: Side) -> Figure:
    turns = [turn for turn in heard.turns if _is_of(turn, side, heard)]
    turns.sort(key=lambda turn: (turn.start - turn.end, turn.start))
    if not turns:
        return Figure(reason=NO_TURN)
    longest = turns[0]
    evidence = tuple(Moment.of(turn) for turn in turns[:SHOWN])
    return Figure((longest.end - longest.start) / 1000, evidence)


def _is_of(turn: FloorTurn, side: Side, heard: Heard) -> bool:
    return turn.speaker.side == side and turn.holds_floor(heard.timeline.rules)


def _chains(heard: Heard, side: Side) -> Iterator[tuple[int, int, int]]:
    """(start, end, first speaker) of turns with nobody of the other side in between."""
    rules = heard.timeline.rules
    chain: tuple[int, int, int] | None = None
    for turn in (turn for turn in heard.turns if turn.holds_floor(rules)):
        ours = turn.speaker.side == side
        if chain and ours and turn.start - chain[1] < rules.turn_gap:
            chain = chain[0], max(chain[1], turn.end), chain[2]
            continue
        if chain:
            yield chain
        chain = (turn.start, turn.end, turn.speaker.id) if ours else None
    if chain:
        yield chain

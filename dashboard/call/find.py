"""Find words in one call: where they stand, in order of time.

Not the query language: what is typed is looked for as it stands, the last word as the
beginning of one.
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from dashboard.models import Turn
from dashboard.search.normal import IndexedToken, tokens
from dashboard.search.quotes import time_of
from meetings.models import Meeting

MOST = 500  # hits
LONGEST = 200  # characters that are looked for


class WordHit(NamedTuple):
    """Who says the words, and when the first and the last of them begin."""

    person: int
    start_ms: int
    end_ms: int


def hits(meeting: Meeting, text: str) -> list[WordHit]:
    wanted = [token.text for token in tokens(text[:LONGEST]) if token.whole]
    if not wanted:
        return []
    turns = Turn.objects.filter(meeting=meeting, normal__contains=" ".join(wanted))
    found: list[WordHit] = []
    for turn in turns.order_by("start_ms", "pk").iterator(200):
        found += _in_turn(turn, wanted)
        if len(found) >= MOST:
            break
    return sorted(found, key=lambda hit: hit.start_ms)[:MOST]


def _in_turn(turn: Turn, wanted: Sequence[str]) -> Iterator[WordHit]:
    there = [token for token in tokens(turn.text) if token.whole]
    for at in range(len(there) - len(wanted) + 1):
        run = there[at : at + len(wanted)]
        if _agrees(run, wanted):
            yield WordHit(
                turn.participant_id,
                time_of(turn.words, run[0].start),
                time_of(turn.words, run[-1].end - 1),
            )


def _agrees(run: Sequence[IndexedToken], wanted: Sequence[str]) -> bool:
    same = all(one.text == word for one, word in zip(run, wanted[:-1], strict=False))
    return same and run[-1].text.startswith(wanted[-1])

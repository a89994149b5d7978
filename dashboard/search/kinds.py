"""What kind of turn it is: what ``has:`` asks for."""

from collections import defaultdict
from collections.abc import Iterable, Sequence

from dashboard.brief.next_steps import commitment
from dashboard.stats.definitions import DEFAULT
from dashboard.stats.overlaps import at_once
from dashboard.stats.sentences import is_question, split
from dashboard.stats.timeline import Sentence
from meetings.media.spans import Span, joined, touches

from .turns import SpokenLine


def said_in(text: str, language: str) -> dict[str, bool]:
    """What the words of a turn tell: a question, a commitment, a number in digits."""
    parts = [Sentence(text[a:b], 0, 0, language) for a, b in split(text)]
    return {
        "question": any(map(is_question, parts)),
        "commitment": any(commitment(part) is not None for part in parts),
        "number": any(map(str.isdigit, text)),
    }


class Circumstances:
    """What the rest of the call tells of a turn: ``lines`` of everybody, and what was
    removed as (person, start_ms, end_ms)."""

    def __init__(
        self, lines: Iterable[SpokenLine], removals: Iterable[tuple[int, int, int]]
    ) -> None:
        said: dict[int, list[Span]] = defaultdict(list)
        for line in lines:
            said[line.participant].append((line.start_ms, line.end_ms))
        together = at_once(joined(spans) for spans in said.values())
        self.together = [(a, b) for a, b in together if b - a >= DEFAULT.overlap]
        gone: dict[int, list[Span]] = defaultdict(list)
        for person, start, end in removals:
            gone[person].append((start, end))
        self.gone = {person: joined(spans) for person, spans in gone.items()}

    def of(self, turn: Sequence[SpokenLine]) -> dict[str, bool]:
        """Whether others spoke into it, and whether something was taken out of it."""
        first, last = turn[0].start_ms, max(line.end_ms for line in turn)
        over = (
            touches(self.together, line.start_ms + 1, line.end_ms - 1) for line in turn
        )
        gone = self.gone.get(turn[0].participant, [])
        return {"crosstalk": any(over), "removed": touches(gone, first, last)}

"""What a tracker finds in a call: pure."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Protocol

from dashboard.search.normal import IndexedToken, tokens
from dashboard.search.quotes import time_of
from dashboard.stats.sentences import is_question, split
from dashboard.stats.timeline import Sentence
from meetings.models.names import one_line

from .call_text import CallText, TurnText
from .phrases import Languages, compiled
from .wanted import WantedPhrases

MOST_HITS = 2_000  # of one tracker in one call: nobody looks through more


@dataclass(frozen=True, slots=True)
class Found:
    """A hit: where its words stand in the text of the turn, and when they were said."""

    turn: TurnText
    begin: int
    end: int
    start_ms: int
    end_ms: int


class Finder(Protocol):
    """What a row looks for, ready to look through calls."""

    def may_be_in(self, normal: str) -> bool:
        """Whether a turn with this normalised text is worth a closer look."""

    def find(self, call: CallText) -> list[Found]:
        """Hits in the order of the turns, at most MOST_HITS."""


class PhraseFinder:
    """What a form asks for."""

    def __init__(self, wanted: WantedPhrases) -> None:
        self.wanted, self.phrases = wanted, compiled(wanted)

    def may_be_in(self, normal: str) -> bool:
        return self.phrases.are_in(normal)

    def find(self, call: CallText) -> list[Found]:
        found = (
            hit
            for turn in call.turns
            if _is_said_by(turn, self.wanted)
            for hit in self._in_turn(call, turn)
        )
        return list(islice(found, MOST_HITS))

    def _in_turn(self, call: CallText, turn: TurnText) -> Iterator[Found]:
        places = self.phrases.places(turn.normal)
        if not places:
            return
        where = list(tokens(turn.text))
        asked = questions_of(turn) if self.wanted.question else []
        for (first, last), languages in places:
            hit = found_at(turn, where, first, last)
            if (
                self.wanted.place.holds(hit.start_ms, call.duration_ms)
                and _is_in(languages, turn.language)
                and (not self.wanted.question or _is_within(hit.begin, asked))
            ):
                yield hit


def _is_said_by(turn: TurnText, wanted: WantedPhrases) -> bool:
    if wanted.side and turn.side != wanted.side:
        return False
    name = one_line(wanted.person).casefold()
    return not name or one_line(turn.name).casefold() == name


def found_at(
    turn: TurnText, where: Sequence[IndexedToken], first: int, last: int
) -> Found:
    """The hit from token ``first`` to ``last`` of a turn; ``where``: its tokens."""
    return timed(turn, where[first].start, where[last].end)


def timed(turn: TurnText, begin: int, end: int) -> Found:
    """The words from place ``begin`` to ``end`` of a turn's text as a hit."""
    start_ms = time_of(turn.words, begin) if turn.words else turn.start_ms
    return Found(turn, begin, end, start_ms, max(start_ms, _end_ms(turn, end)))


def _end_ms(turn: TurnText, end: int) -> int:
    """When the word behind place ``end`` begins; of the last one, the turn's end."""
    after = bisect_left(turn.words, end, key=lambda word: word[0])
    return turn.words[after][1] if after < len(turn.words) else turn.end_ms


def _is_in(languages: Languages, spoken: str) -> bool:
    """Whether a phrase counts here; where nobody knows the language, it does."""
    return "" in languages or not spoken or spoken.partition("-")[0] in languages


def questions_of(turn: TurnText) -> list[tuple[int, int]]:
    """Where in its text the sentences of a turn stand that ask something."""
    return [
        (begin, end)
        for begin, end in split(turn.text)
        if is_question(Sentence(turn.text[begin:end], 0, 0, turn.language))
    ]


def _is_within(at: int, spans: Sequence[tuple[int, int]]) -> bool:
    before = bisect_right(spans, at, key=lambda span: span[0]) - 1
    return before >= 0 and at < spans[before][1]

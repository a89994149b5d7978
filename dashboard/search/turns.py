"""Lines become turns: what one person says until somebody else really speaks."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from transcription.words import places as timed_words

PAUSE_MS = 2_000  # a longer silence ends the turn
REAL_WORDS = 3  # somebody else's shorter line ("Yes, right") does not end it
LONGEST_TURN = 20_000  # characters; PostgreSQL keeps 255 places of a word


@dataclass(frozen=True, slots=True)
class SpokenLine:
    """An utterance as the index needs it; ``words`` [[text, start_ms, ...], ...]."""

    participant: int
    start_ms: int
    end_ms: int
    text: str
    words: Sequence[Sequence[Any]] = ()
    language: str = ""


def turns_of(lines: Iterable[SpokenLine]) -> Iterator[list[SpokenLine]]:
    """Lines in order of their start, as turns in order of theirs."""
    running: dict[int, list[SpokenLine]] = {}
    done: list[list[SpokenLine]] = []
    for line in lines:
        turn = running.get(line.participant)
        if turn and _goes_on(turn, line):
            turn.append(line)
        else:
            running[line.participant] = turn = [line]
            done.append(turn)
        if len(line.text.split()) >= REAL_WORDS:
            running = {line.participant: turn}
    yield from done


def _goes_on(turn: list[SpokenLine], line: SpokenLine) -> bool:
    short = sum(len(part.text) for part in turn) < LONGEST_TURN
    return short and line.start_ms - turn[-1].end_ms < PAUSE_MS


def text_of(turn: Sequence[SpokenLine]) -> str:
    return " ".join(line.text for line in turn)


def language_of(turn: Sequence[SpokenLine]) -> str:
    """That of the most letters; empty where no line has any."""
    letters: Counter[str] = Counter()
    for line in turn:
        letters[line.language] += len(line.text)
    return max(letters, key=lambda code: letters[code])


def word_places(turn: Sequence[SpokenLine]) -> list[list[int]]:
    """[[position in text_of(turn), start_ms], ...]: when each word was said."""
    places: list[list[int]] = []
    begin = 0
    for line in turn:
        places.append([begin, line.start_ms])
        words = timed_words(line.text, line.words)
        places += [[begin + word.at, word.start_ms] for word in words]
        begin += len(line.text) + 1
    return places

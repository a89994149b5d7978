"""A call in chapters, where the words change: TextTiling over turns.

M. Hearst, "TextTiling: Segmenting Text into Multi-paragraph Subtopic Passages"
(Computational Linguistics 23, 1997): the words before and after each turn are compared,
and a chapter begins where they have least in common.
"""

import math
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from statistics import mean, pstdev

from dashboard.stats.turns import FloorTurn

BLOCK = 120  # words that are compared on each side of a place
SHORTEST_MS = 120_000  # a chapter lasts two minutes at least
SHORTEST_CALL_MS = 300_000  # a shorter call has no chapters
LETTERS = 4  # shorter words say little of a subject
NAMED_BY = 3  # words that a chapter is named by
TWICE = 2  # times that a word has to be said to name a chapter


@dataclass(frozen=True, slots=True)
class Chapter:
    start_ms: int
    words: tuple[str, ...]  # that are said here more than elsewhere


def chapters(turns: Sequence[FloorTurn]) -> list[Chapter]:
    """Of turns in order of time; none of a call that is short or says little."""
    said = [_subjects(turn) for turn in turns]
    if not turns or turns[-1].end - turns[0].start < SHORTEST_CALL_MS:
        return []
    starts = [0, *_boundaries(turns, said), len(turns)]
    parts = list(zip(starts, starts[1:], strict=False))
    if len(parts) < 2:
        return []
    counts = [sum((Counter(words) for words in said[a:b]), Counter()) for a, b in parts]
    return [
        Chapter(turns[a].start, _names(count, counts))
        for (a, _), count in zip(parts, counts, strict=True)
    ]


def _subjects(turn: FloorTurn) -> list[str]:
    plain = (word.text.strip(".,;:!?…\"'()").casefold() for word in turn.words)
    return [word for word in plain if len(word) >= LETTERS and word.isalpha()]


def _boundaries(turns: Sequence[FloorTurn], said: Sequence[list[str]]) -> list[int]:
    """Turns with which a chapter begins: where likeness dips deep, apart in time."""
    common = _everywhere(said)
    likeness = [_likeness(said, at, common) for at in range(1, len(turns))]
    depths = [_depth(likeness, n) for n in range(len(likeness))]
    if not depths:
        return []
    deep = mean(depths) + pstdev(depths) / 2
    chosen: list[int] = []
    for depth, at in sorted(((d, n + 1) for n, d in enumerate(depths)), reverse=True):
        apart = (abs(turns[at].start - turns[other].start) for other in chosen)
        edges = (turns[at].start - turns[0].start, turns[-1].end - turns[at].start)
        if depth > deep and min(*edges, *apart) >= SHORTEST_MS:
            chosen.append(at)
    return sorted(chosen)


def _everywhere(said: Sequence[list[str]]) -> set[str]:
    """Words of more than half the stretches of the call: they tell nothing."""
    stretches = [set[str]()]
    count = 0
    for words in said:
        stretches[-1].update(words)
        count += len(words)
        if count >= BLOCK:
            stretches.append(set())
            count = 0
    spread = Counter(word for stretch in stretches for word in stretch)
    most = max(2, len(stretches) / 2)
    return {word for word, times in spread.items() if times > most}


def _likeness(said: Sequence[list[str]], at: int, common: set[str]) -> float:
    """Cosine of the words before and after a place."""
    before = Counter(_taken(reversed(said[:at]), common))
    after = Counter(_taken(iter(said[at:]), common))
    dot = sum(count * after[word] for word, count in before.items())
    norm = math.hypot(*before.values()) * math.hypot(*after.values())
    return dot / norm if norm else 0.0


def _taken(turns: Iterator[list[str]], common: set[str]) -> Iterator[str]:
    left = BLOCK
    for words in turns:
        yield from (word for word in words if word not in common)
        left -= len(words)
        if left <= 0:
            return


def _depth(likeness: Sequence[float], at: int) -> float:
    """How far likeness rises on both sides of a place, up to the next peaks."""
    return sum(_rise(likeness, at, step) for step in (-1, 1))


def _rise(likeness: Sequence[float], at: int, step: int) -> float:
    peak = here = likeness[at]
    at += step
    while 0 <= at < len(likeness) and likeness[at] >= peak:
        peak = likeness[at]
        at += step
    return peak - here


def _names(count: Counter[str], chapters: Sequence[Counter[str]]) -> tuple[str, ...]:
    """The words by tf-idf over the chapters."""
    weights = {
        word: times * math.log(len(chapters) / sum(word in other for other in chapters))
        for word, times in count.items()
        if times >= TWICE
    }
    best = sorted(weights, key=lambda word: (-weights[word], word))[:NAMED_BY]
    return tuple(word for word in best if weights[word] > 0)

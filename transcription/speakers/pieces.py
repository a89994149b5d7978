"""A line in which several people speak is cut where the speaker changes. Pure."""

from bisect import bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise
from typing import Any

NEAR_MS = 1_500  # a word that lies in no turn is of the next one, so far at most
FLICKER_MS = 400  # a word alone, so short, between two of one person is theirs

Words = Sequence[Sequence[Any]]  # [[text, start_ms, end_ms, probability], ...]
Turn = tuple[int, int, str]  # start_ms, end_ms, label


@dataclass
class LinePiece:
    """What one person says of a line; ``after`` is what stood behind it in the text."""

    label: str
    text: str
    after: str
    words: list[list[Any]]
    start_ms: int
    end_ms: int


class Turns:
    """Who speaks when, to be asked word by word."""

    def __init__(self, turns: Sequence[Turn]) -> None:
        self._turns = sorted(turns)
        self._starts = [start for start, _, _ in self._turns]
        self._longest = max((end - start for start, end, _ in self._turns), default=0)

    def label(self, start_ms: int, end_ms: int) -> str:
        """Of whoever speaks most of that time; empty where nobody is near."""
        first = bisect_right(self._starts, start_ms - self._longest - NEAR_MS - 1)
        last = bisect_right(self._starts, end_ms + NEAR_MS)
        near = [
            (min(end, end_ms) - max(start, start_ms), -n, label)
            for n, (start, end, label) in enumerate(self._turns[first:last])
        ]
        best = max(near, default=(-NEAR_MS - 1, 0, ""))
        return best[2] if best[0] >= -NEAR_MS else ""


def steady(labels: Sequence[str], words: Words) -> list[str]:
    """Without single short words that change sides inside somebody's sentence."""
    found = list(labels)
    for n, (before, after) in enumerate(zip(found, found[2:], strict=False), 1):
        short = words[n][2] - words[n][1] <= FLICKER_MS
        if before == after != found[n] and short:
            found[n] = before
    return found


def cut(
    text: str, words: Words, times: tuple[int, int], label: Callable[[int, int], str]
) -> list[LinePiece]:
    """A line as pieces, in order; one piece where one person says all of it."""
    if not words:
        return [LinePiece(label(*times), text, "", [], *times)]
    labels = steady([label(word[1], word[2]) for word in words], words)
    runs = _runs(text, words, labels)
    if len(runs) == 1:
        return [LinePiece(runs[0].label, text, "", [*map(list, words)], *times)]
    edges = [times[0], *(_edge(words, run.first) for run in runs[1:]), times[1]]
    cuts = [0, *(run.at for run in runs[1:]), len(text)]
    ends = [run.first for run in runs[1:]] + [len(words)]
    return [
        _piece(run.label, text[a:b], words[run.first : end], (start, max(start, stop)))
        for run, (a, b), (start, stop), end in zip(
            runs, pairwise(cuts), pairwise(edges), ends, strict=True
        )
    ]


@dataclass
class _Run:
    label: str
    first: int  # word
    at: int  # where it begins in the text


def _runs(text: str, words: Words, labels: Sequence[str]) -> list[_Run]:
    """Words of one label that follow each other, where the text can be cut."""
    runs: list[_Run] = []
    place, n = 0, 0
    for label, group in groupby(labels):
        first, n = n, n + len(list(group))
        at = _find(text, words[first:n], place)
        if not runs:
            runs.append(_Run(label, 0, 0))
        elif at is not None and label != runs[-1].label:
            runs.append(_Run(label, first, at))
        place = _end(text, words[first:n], place)
    return runs


def _find(text: str, words: Words, begin: int) -> int | None:
    """Where the first of ``words`` stands; None: it was corrected, or is not there."""
    at = text.find(words[0][0], begin) if words[0][0] else -1
    return at if at >= 0 else None


def _end(text: str, words: Words, begin: int) -> int:
    for word, *_ in words:
        at = text.find(word, begin) if word else -1
        begin = at + len(word) if at >= 0 else begin
    return begin


def _edge(words: Words, first: int) -> int:
    """The middle of the pause before a word."""
    return int(words[first - 1][2] + words[first][1]) // 2


def _piece(label: str, text: str, words: Words, times: tuple[int, int]) -> LinePiece:
    bare = text.rstrip()
    kept = [list(word) for word in words]
    return LinePiece(label, bare.lstrip(), text[len(bare) :], kept, *times)


def within(
    spans: Sequence[Sequence[int]], start_ms: int, end_ms: int
) -> list[list[int]]:
    """The part of some spans that lies in a time."""
    inside = ([max(a, start_ms), min(b, end_ms)] for a, b in spans)
    return [[a, b] for a, b in inside if a < b]

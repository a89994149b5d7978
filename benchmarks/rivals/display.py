"""How fast and how right a display of text was, whoever made it. Pure.

Peers have no utterances, or cut them elsewhere, so everybody is measured by the whole
text on the screen, aligned with the words that were spoken by then. Names as in
``benchmarks.figures``; FIN is asked of the last word before each pause.
"""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from benchmarks.call import Spoken
from benchmarks.figures import Figures
from benchmarks.rivals.screen import Screen, Seen
from benchmarks.words import errors, normalised

PAUSE = 1.0  # s of silence after a word that everybody takes for an end
AHEAD = 0.5  # s before a word begins at which a model may have guessed it


@dataclass(frozen=True)
class _Moments:
    """When each spoken word was first shown and first final, by its number."""

    shown: dict[int, float]
    settled: dict[int, float]
    correct: set[int]  # in the last text


def measure(
    figures: Figures, words: Sequence[Spoken], seen: Sequence[Seen], since: float
) -> None:
    """Add one stream; latencies count for words that end at ``since`` or later."""
    last = _words(seen[-1][1])[0] if seen else []
    figures.wrong += errors([word.text for word in words], last)
    figures.said += len(words)
    moments = _moments(words, seen)
    for index in sorted(moments.correct):
        end, first = words[index].end, moments.shown[index]
        if end >= since:
            figures.fd.append(first - end)
            figures.early += first < moments.settled.get(index, float("inf"))
    for index in moments.correct & set(moments.settled) & set(ends(words)):
        if words[index].end >= since:
            figures.fin.append(moments.settled[index] - words[index].end)


def ends(words: Sequence[Spoken]) -> list[int]:
    """Numbers of the words after which this person is silent for PAUSE or longer."""
    pairs = zip(words, words[1:], strict=False)
    pauses = [
        i for i, (one, next_) in enumerate(pairs) if next_.start - one.end >= PAUSE
    ]
    return [*pauses, len(words) - 1] if words else []


def _moments(words: Sequence[Spoken], seen: Sequence[Seen]) -> _Moments:
    table = Table([word.text for word in words])
    starts = [word.start for word in words]
    moments = _Moments({}, {}, set())
    for at, screen in seen:
        text, settled = _words(screen)
        table.take(text)
        pairs = list(table.pairs(bisect_right(starts, at + AHEAD)))
        for said, heard in pairs:
            moments.shown.setdefault(said, at)
            if heard < settled:
                moments.settled.setdefault(said, at)
        moments.correct.clear()
        moments.correct.update(said for said, _ in pairs)
    return moments


def _words(screen: Screen) -> tuple[list[str], int]:
    """The words of a screen, and how many of them are settled."""
    settled = normalised(screen.settled)
    return settled + normalised(screen.open), len(settled)


class Table:
    """Levenshtein costs of a growing text: rows of an unchanged beginning are kept."""

    def __init__(self, said: Sequence[str]) -> None:
        self._said = said
        self._heard: list[str] = []
        self._rows = [list(range(len(said) + 1))]

    def take(self, heard: Sequence[str]) -> None:
        """Replace the text."""
        same = 0
        for one, other in zip(self._heard, heard, strict=False):
            if one != other:
                break
            same += 1
        del self._rows[same + 1 :]
        for word in heard[same:]:
            self._rows.append(self._row(word))
        self._heard = list(heard)

    def pairs(self, spoken: int) -> Iterator[tuple[int, int]]:
        """Equal words (said, heard) of the best alignment with the first ``spoken``.

        Of equally good ones the earliest: a word that was said twice and shown once
        was shown for the first time.
        """
        rows, i, j = self._rows, spoken, len(self._heard)
        while i and j:
            if rows[j][i] == rows[j][i - 1] + 1:
                i -= 1
            elif self._said[i - 1] == self._heard[j - 1]:
                i, j = i - 1, j - 1
                yield i, j
            elif rows[j][i] == rows[j - 1][i - 1] + 1:
                i, j = i - 1, j - 1
            else:
                j -= 1

    def _row(self, word: str) -> list[int]:
        above, row = self._rows[-1], [len(self._rows)]
        for i, said in enumerate(self._said, 1):
            row.append(min(above[i - 1] + (said != word), above[i] + 1, row[-1] + 1))
        return row

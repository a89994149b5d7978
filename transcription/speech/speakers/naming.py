"""The names of a transcript laid over words that were heard: who said each of them.

A word that both have says it for sure. What lies between is of the name on both sides
of it, else of the cue at its time.
"""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import NamedTuple

from transcription.speech.speakers.clock_fit import ClockFit, fit
from transcription.speech.speakers.cues import (
    NamedTranscript,
    SpokenCue,
    UnreadableTranscript,
)
from transcription.speech.speakers.matching import (
    PROOF,
    Pair,
    matches,
    proven,
    runs,
    words_of,
)

SHARED = 0.1  # of the words of the shorter one, in runs that cannot be chance
NEAR_MS = 3_000  # a single word that both have counts if its times fit so well
BETWEEN = 4  # words without a name between two of one name are of that name
LATE_MS = 1_500  # a cue may begin or end that far from the words it names
STRANGER = "does not belong to this call: they have no words in common."
BEYOND = "does not belong to this call: its times lie beyond the sound."


class HeardWord(NamedTuple):
    text: str
    start_ms: int
    end_ms: int


@dataclass(frozen=True)
class Naming:
    """A name for each word, empty where the transcript does not tell; ``fitted`` is how
    its clock was, None where it has no words to compare."""

    names: list[str]
    fitted: ClockFit | None


def name_words(told: NamedTranscript, words: Sequence[HeardWord]) -> Naming:
    """Who said each of ``words``, which come in order. Raises UnreadableTranscript when
    the transcript is of another call."""
    theirs = list(_spoken(told.cues))
    if not theirs:
        return _by_time_alone(told, words)
    ours = [(key, n) for n, word in enumerate(words) for key in words_of(word.text)]
    pairs = matches([key for key, _ in ours], [word.key for word in theirs])
    sure = proven(pairs)
    least = SHARED * min(len(ours), len(theirs))
    if not sure or len(sure) < max(least, min(PROOF, len(ours))):
        raise UnreadableTranscript(STRANGER)
    fitted = fit([(theirs[y].at_ms, words[ours[x][1]].start_ms) for x, y in sure])
    names: list[str | None] = [None] * len(words)
    for x, y in _kept(pairs, ours, theirs, words, fitted):
        names[ours[x][1]] = theirs[y].name
    _fill(names, _Schedule(told.cues, fitted), words)
    return Naming([name or "" for name in names], fitted)


class _TheirWord(NamedTuple):
    key: str
    at_ms: int
    name: str


def _spoken(cues: Sequence[SpokenCue]) -> Iterator[_TheirWord]:
    """Words of the transcript, each at its share of the time of its cue."""
    for cue in cues:
        keys = words_of(cue.text)
        for n, key in enumerate(keys):
            at = cue.start_ms + (cue.end_ms - cue.start_ms) * n // len(keys)
            yield _TheirWord(key, at, cue.name)


def _kept(
    pairs: Sequence[Pair],
    ours: Sequence[tuple[str, int]],
    theirs: Sequence[_TheirWord],
    words: Sequence[HeardWord],
    fitted: ClockFit,
) -> Iterator[Pair]:
    """Without single words that stand somewhere else."""
    room = NEAR_MS + 3 * fitted.spread_ms
    for run in runs(pairs):
        for x, y in run:
            off = words[ours[x][1]].start_ms - fitted.to_sound(theirs[y].at_ms)
            if len(run) >= PROOF or abs(off) <= room:
                yield x, y


class _Schedule:
    """Cues on the clock of the sound."""

    def __init__(self, cues: Sequence[SpokenCue], fitted: ClockFit) -> None:
        self._spans = sorted(
            (fitted.to_sound(cue.start_ms), fitted.to_sound(cue.end_ms), cue.name)
            for cue in cues
        )
        self._starts = [start for start, _, _ in self._spans]
        self._longest = max((end - start for start, end, _ in self._spans), default=0)

    def at(self, word: HeardWord) -> list[str]:
        """Who speaks then by the transcript, the nearest first."""
        middle = (word.start_ms + word.end_ms) // 2
        first = bisect_right(self._starts, middle - self._longest - LATE_MS - 1)
        last = bisect_right(self._starts, middle + LATE_MS)
        found = [
            (max(start - middle, middle - end, 0), -start, name)
            for start, end, name in self._spans[first:last]
        ]
        return [name for off, _, name in sorted(found) if off <= LATE_MS]


def _fill(
    names: list[str | None], schedule: _Schedule, words: Sequence[HeardWord]
) -> None:
    """Give words that nothing named a name, where something tells."""
    stretches = [
        (unnamed, len(list(group)))
        for unnamed, group in groupby(names, key=lambda name: name is None)
    ]
    at = 0
    for unnamed, count in stretches:
        end = at + count
        if unnamed:
            before = names[at - 1] if at else None
            after = names[end] if end < len(names) else None
            for n in range(at, end):
                names[n] = _between(before, after, count, schedule.at(words[n]))
        at = end


def _between(
    before: str | None, after: str | None, count: int, scheduled: Sequence[str]
) -> str:
    if before and before == after and (count <= BETWEEN or before in scheduled):
        return before
    known = [name for name in scheduled if name in (before, after)]
    return next(iter([*known, *scheduled]), "")


def _by_time_alone(told: NamedTranscript, words: Sequence[HeardWord]) -> Naming:
    """Of a timeline without a word; it must at least fit into the sound."""
    schedule = _Schedule(told.cues, ClockFit())
    names = [next(iter(schedule.at(word)), "") for word in words]
    if 2 * sum(map(bool, names)) < len(names):
        raise UnreadableTranscript(BEYOND)
    return Naming(names, None)

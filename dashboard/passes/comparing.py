"""What changed in a call between two passes of a model: line by line, word by word.

Pure: lines of before and after, in order of time.
"""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from itertools import accumulate

from transcription.speech.engine.captions import normal, units

MOST_WORDS = 1_500  # of a side: what is longer is compared as a whole


@dataclass(frozen=True)
class PassLine:
    """A line of either pass."""

    person: int
    start_ms: int
    end_ms: int
    text: str


@dataclass(frozen=True)
class Words:
    """A stretch of text; ``changed`` where the other side has something else."""

    text: str
    changed: bool = False


@dataclass
class Pair:
    """Lines of one person at one time, before and after; one side may be empty."""

    before: list[PassLine] = field(default_factory=list)
    after: list[PassLine] = field(default_factory=list)
    old: list[Words] = field(default_factory=list)
    new: list[Words] = field(default_factory=list)
    gone: int = 0  # words that only the old side has
    come: int = 0
    same: int = 0

    @property
    def first(self) -> PassLine:
        return min(self.before + self.after, key=lambda line: line.start_ms)

    @property
    def is_changed(self) -> bool:
        return bool(self.gone or self.come)


def compare(before: Iterable[PassLine], after: Iterable[PassLine]) -> list[Pair]:
    """Pairs in order of time; every line of either side is in one of them.

    A new line belongs to the old one of the same person that it shares most time with,
    as a pass writes it in its place."""
    old, new = _by_person(before), _by_person(after)
    pairs = [
        pair
        for person in dict.fromkeys([*old, *new])
        for pair in _paired(old[person], new[person])
    ]
    for pair in pairs:
        _mark(pair)
    return sorted(pairs, key=lambda pair: (pair.first.start_ms, pair.first.person))


def _by_person(lines: Iterable[PassLine]) -> dict[int, list[PassLine]]:
    found: dict[int, list[PassLine]] = defaultdict(list)
    for line in sorted(lines, key=lambda line: (line.start_ms, line.end_ms)):
        found[line.person].append(line)
    return found


def _paired(old: Sequence[PassLine], new: Sequence[PassLine]) -> list[Pair]:
    pairs = [Pair(before=[line]) for line in old]
    alone: list[Pair] = []
    for line in new:
        at = _nearest(line, old)
        if at is None:
            alone.append(Pair(after=[line]))
        else:
            pairs[at].after.append(line)
    return _joined(pairs) + alone


def _joined(pairs: Sequence[Pair]) -> list[Pair]:
    """Two old lines that became one stand together."""
    joined: list[Pair] = []
    for pair in pairs:
        last = joined[-1].after if joined else []
        end = max((line.end_ms for line in last), default=0)
        if not pair.after and pair.before[0].start_ms < end:
            joined[-1].before += pair.before
        else:
            joined.append(pair)
    return joined


def _nearest(line: PassLine, others: Sequence[PassLine]) -> int | None:
    """Which of ``others`` shares most time with a line; None where none does."""
    ends = list(accumulate((other.end_ms for other in others), max))
    best, most = None, 0
    for at in range(bisect_right(ends, line.start_ms), len(others)):
        other = others[at]
        if other.start_ms >= line.end_ms:
            break
        shared = min(line.end_ms, other.end_ms) - max(line.start_ms, other.start_ms)
        if shared > most:
            best, most = at, shared
    return best


def _mark(pair: Pair) -> None:
    """Set the words of both sides, and how many differ; case and stops do not count."""
    old = units(" ".join(line.text for line in pair.before))
    new = units(" ".join(line.text for line in pair.after))
    for how, a, b, c, d in _steps(old, new):
        same = how == "equal"
        pair.same += (b - a) * same
        pair.gone += (b - a) * (not same)
        pair.come += (d - c) * (not same)
        pair.old += _words(old[a:b], not same)
        pair.new += _words(new[c:d], not same)


def _words(words: Sequence[str], changed: bool) -> list[Words]:
    """A stretch; no mark begins with the space before its first word."""
    text = "".join(words)
    bare = text.lstrip()
    if not changed or bare == text:
        return [Words(text, changed)] if text else []
    space = text[: len(text) - len(bare)]
    return [Words(space), Words(bare, changed)]


def _steps(old: list[str], new: list[str]) -> list[tuple[str, int, int, int, int]]:
    said, now = [normal(word) for word in old], [normal(word) for word in new]
    if said == now:
        return [("equal", 0, len(old), 0, len(new))]
    if max(len(old), len(new)) > MOST_WORDS:  # the time grows with the square
        return [("replace", 0, len(old), 0, len(new))]
    steps = SequenceMatcher(None, said, now, autojunk=False).get_opcodes()
    return [(str(how), a, b, c, d) for how, a, b, c, d in steps]

"""Times for the words of a line that somebody wrote anew. Pure.

Words that stayed keep their times; as many as took the place of others have theirs,
more or fewer share the time of these; what is new goes into the pause where it stands.
"""

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from typing import Any, NamedTuple

from transcription.speech.engine.captions import UNSPACED
from transcription.words import WordPlace, places

SURE = 1.0  # probability of a word that a person vouches for
MOST_PAIRS = 250_000  # old words x new ones that are compared: a second's work at most

_TOKEN = re.compile(rf"[{UNSPACED}]|[^\s{UNSPACED}]+")
_BARE = re.compile(r"[^\w]+")

Words = list[list[Any]]  # [[text, start_ms, end_ms, probability], ...]


class _Token(NamedTuple):
    text: str
    start_ms: int
    end_ms: int
    probability: float

    @property
    def key(self) -> str:
        return key_of(self.text)


def key_of(text: str) -> str:
    """What makes two words the same: "Hello," and "hello" are."""
    return _BARE.sub("", text).casefold() or text


def retimed(
    old_text: str, old_words: Sequence[Sequence[Any]], text: str, line: tuple[int, int]
) -> Words:
    """The words of ``text``, in order; ``line`` is (start_ms, end_ms) of the line."""
    old = list(_timed(old_text, old_words, line))
    new = [found[0] for found in _TOKEN.finditer(text)]
    words: Words = []
    for tag, a, b, c, d in _steps([token.key for token in old], new):
        if tag == "equal" or b - a == d - c:  # as many words: one for the other
            kept = zip(new[c:d], old[a:b], strict=True)
            words += [[word, *_kept(word, token)] for word, token in kept]
        elif c < d:
            words += spread(new[c:d], *_room(old, a, b, line))
    return words


def spread(words: Sequence[str], start_ms: int, end_ms: int) -> Words:
    """``words`` over a time, each as long as it has letters."""
    total, at = sum(map(len, words)) or 1, 0
    times = []
    for word in words:
        times.append(start_ms + round((end_ms - start_ms) * at / total))
        at += len(word)
    ends = [*times[1:], end_ms]
    return [
        [word, start, end, SURE]
        for word, start, end in zip(words, times, ends, strict=True)
    ]


def _kept(word: str, token: _Token) -> tuple[int, int, float]:
    sure = token.probability if word == token.text else SURE
    return token.start_ms, token.end_ms, sure


def _room(
    old: Sequence[_Token], a: int, b: int, line: tuple[int, int]
) -> tuple[int, int]:
    """The time of the words a to b, or of the pause between those beside them."""
    if a < b:
        return old[a].start_ms, old[b - 1].end_ms
    begin = (
        old[a - 1].end_ms if a else min(line[0], old[0].start_ms if old else line[0])
    )
    end = old[b].start_ms if b < len(old) else max(line[1], begin)
    return begin, max(begin, end)


def _steps(old: list[str], new: list[str]) -> Iterator[tuple[str, int, int, int, int]]:
    """As difflib's opcodes; the same beginning and end are not searched for."""
    keys = [key_of(word) for word in new]
    head = _same(old, keys)
    tail = _same(old[head:][::-1], keys[head:][::-1])
    a, c = len(old) - tail, len(keys) - tail
    yield "equal", 0, head, 0, head
    if (a - head) * (c - head) > MOST_PAIRS:
        yield "replace", head, a, head, c
    else:
        found = SequenceMatcher(None, old[head:a], keys[head:c], autojunk=False)
        for tag, i, j, k, m in found.get_opcodes():
            yield tag, head + i, head + j, head + k, head + m
    yield "equal", a, len(old), c, len(keys)


def _same(one: Sequence[str], other: Sequence[str]) -> int:
    """How many are the same from the beginning on."""
    pairs = zip(one, other, strict=False)
    return next(
        (n for n, (a, b) in enumerate(pairs) if a != b), min(len(one), len(other))
    )


def _timed(
    text: str, words: Sequence[Sequence[Any]], line: tuple[int, int]
) -> Iterator[_Token]:
    """The words of a text as one reads them, each with its share of a timed word."""
    timed = places(text, words) or [WordPlace(0, *line)]
    cuts = [0, *(place.at for place in timed[1:]), len(text)]
    for found in _TOKEN.finditer(text):
        n = max(0, bisect_right(cuts, found.start(), hi=len(timed)) - 1)
        place, size = timed[n], max(1, cuts[n + 1] - cuts[n])
        length = place.end_ms - place.start_ms
        begin = round(length * (found.start() - cuts[n]) / size)
        end = round(length * (found.end() - cuts[n]) / size)
        whole = found.end() - cuts[n] >= len(text[cuts[n] : cuts[n + 1]].rstrip())
        yield _Token(
            found[0],
            place.start_ms + begin,
            place.end_ms if whole else place.start_ms + end,
            place.probability,
        )

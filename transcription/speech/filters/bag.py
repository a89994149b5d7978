"""A bag of phrases, compiled for one language (Aho and Corasick, 1975)."""

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

import ahocorasick

from transcription.speech.filters.normal import Token, normal

BRACKETS = re.compile(r"[\[(（【]([^\])）】]{1,60})[\])）】]|♪[^♪]*♪|♪+")


@dataclass(frozen=True)
class Bag:
    """The phrases of one language, compiled; replaced as a whole."""

    certain: ahocorasick.Automaton | None = None
    ambiguous: frozenset[str] = frozenset()
    sentences: frozenset[str] = frozenset()  # certain as a sentence of its own
    effects: frozenset[str] = frozenset()  # certain in brackets
    keep: frozenset[str] = frozenset()
    kept: ahocorasick.Automaton | None = None  # the same phrases, to be found in a line
    size: int = field(default=0, compare=False)

    @classmethod
    def of(
        cls,
        certain: Iterable[str] = (),
        ambiguous: Iterable[str] = (),
        keep: Iterable[str] = (),
    ) -> "Bag":
        """Compile phrases as people write them.

        A certain phrase in brackets, "[music]", is meant in brackets only; one with a
        full stop, "Thanks for watching.", only as a whole sentence.
        """
        kept = frozenset(map(normal, keep)) | {""}
        plain: set[str] = set()
        sentences: set[str] = set()
        effects: set[str] = set()
        for phrase in map(str.strip, certain):
            if BRACKETS.fullmatch(phrase):
                effects.add(normal(phrase))
            elif phrase.endswith("."):
                sentences.add(normal(phrase))
            else:
                plain.add(normal(phrase))
        unsure = frozenset(map(normal, ambiguous)) - kept
        return cls(
            _compile(plain - kept),
            unsure,
            frozenset(sentences - kept),
            frozenset(effects - kept),
            kept,
            _compile(kept - {""}),
            len(plain | sentences | effects | unsure),
        )


def _compile(phrases: Iterable[str]) -> ahocorasick.Automaton | None:
    automaton = ahocorasick.Automaton()
    for phrase in phrases:
        entry = key(phrase.split())
        automaton.add_word(entry, (len(entry), phrase))
    if not len(automaton):
        return None
    automaton.make_automaton()
    return automaton


def places(
    automaton: ahocorasick.Automaton | None, found: Sequence[Token]
) -> Iterator[tuple[int, int]]:
    """First and last token of each phrase in a line, the longest from the left.

    The library's own ``iter_long`` leaves some out when one phrase begins another.
    """
    if automaton is None or not found:
        return
    starts, at = [], 0
    for token in found:
        starts.append(at)
        at += len(token.normal) + 2
    matches = automaton.iter(key(token.normal for token in found))
    ends, at = ((last + 1 - size, last + 1) for last, (size, _) in matches), 0
    for start, end in sorted(ends, key=lambda place: (place[0], -place[1])):
        if start >= at:
            at = end
            yield bisect_right(starts, start) - 1, bisect_right(starts, end - 1) - 1


def key(words: Iterable[str]) -> str:
    """Words with a space of their own on each side: a match is whole words, and two
    neighbours share no character."""
    return "".join(f" {word} " for word in words)

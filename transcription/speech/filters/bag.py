"""A bag of phrases, compiled for one language (Aho and Corasick, 1975)."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

import ahocorasick

from transcription.speech.filters.normal import normal

BRACKETS = re.compile(r"[\[(（【]([^\])）】]{1,60})[\])）】]|♪[^♪]*♪|♪+")


@dataclass(frozen=True)
class Bag:
    """The phrases of one language, compiled; replaced as a whole."""

    certain: ahocorasick.Automaton | None = None
    ambiguous: frozenset[str] = frozenset()
    sentences: frozenset[str] = frozenset()  # certain as a sentence of its own
    effects: frozenset[str] = frozenset()  # certain in brackets
    keep: frozenset[str] = frozenset()
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


def key(words: Iterable[str]) -> str:
    """Words with a space of their own on each side: a match is whole words, and two
    neighbours share no character."""
    return "".join(f" {word} " for word in words)

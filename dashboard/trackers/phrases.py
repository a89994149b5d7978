"""TrackerPhrases in normalised text, many at once (Aho and Corasick, 1975).

A phrase and a text are the same tokens that search has (dashboard.search.normal), so
both agree on what a word is; what looks like a regular expression is text. Of
phrases that overlap the one that begins first counts, and of those the longest.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice, product

import ahocorasick

from dashboard.search.normal import UNSPACED, IndexedToken, tokens

from .wanted import WantedPhrases
from .wordforms import forms

MOST_FORMS = 60  # of one phrase

Place = tuple[int, int]  # the first and the last token of a phrase in a text
Languages = frozenset[str]  # in which a phrase counts; with "" it counts in all


@dataclass(frozen=True)
class TrackerPhrases:
    """The phrases of a tracker, compiled: {entry: where it counts}. Those that are left
    out count nowhere, and take the words that they cover."""

    automaton: ahocorasick.Automaton | None

    def are_in(self, normal: str) -> bool:
        """Whether one of them is, be it one that is left out."""
        if self.automaton is None:
            return False
        return next(self.automaton.iter(_padded(normal)), None) is not None

    def places(self, normal: str) -> list[tuple[Place, Languages]]:
        """Where ``normal``, tokens between single spaces, has one of the phrases."""
        if self.automaton is None or not normal:
            return []
        longest: dict[int, tuple[int, Languages]] = {}
        for end, (size, where) in self.automaton.iter(_padded(normal)):
            start = end + 1 - size
            if start not in longest or longest[start][0] <= end:
                longest[start] = (end, where)
        return list(_apart(normal, longest))


def _apart(
    normal: str, longest: dict[int, tuple[int, Languages]]
) -> Iterator[tuple[Place, Languages]]:
    """From the left, those that overlap none before; by tokens."""
    token_at = _tokens_at(normal)
    free = 0
    for start in sorted(longest):
        end, where = longest[start]
        if start >= free:
            free = end + 1
            if where:
                yield (token_at[start], token_at[end]), where


def _tokens_at(normal: str) -> list[int]:
    """For each place in the key of a text the number of its token."""
    return [
        number
        for number, token in enumerate(normal.split(" "))
        for _ in range(len(token) + 2)
    ]


def _padded(normal: str) -> str:
    """Tokens with a space of their own on each side: a match is whole words, and two
    neighbours share no character."""
    return f" {normal.replace(' ', '  ')} "


def compiled(wanted: WantedPhrases) -> TrackerPhrases:
    """The phrases of a form; one that has no letters or digits finds nothing."""
    counts: dict[str, Languages] = {}
    for language, phrases in wanted.phrases.items():
        for phrase in phrases:
            for entry in _entries(phrase, language if wanted.related else ""):
                counts[entry] = counts.get(entry, frozenset()) | {language}
    for phrase in wanted.without:
        counts.update(dict.fromkeys(_entries(phrase, ""), frozenset()))
    return TrackerPhrases(_automaton(counts))


def _automaton(counts: dict[str, Languages]) -> ahocorasick.Automaton | None:
    automaton = ahocorasick.Automaton()
    for entry, where in counts.items():
        automaton.add_word(entry, (len(entry), where))
    if not counts:
        return None
    automaton.make_automaton()
    return automaton


def _entries(phrase: str, language: str) -> Iterator[str]:
    """What stands in the key of a text that holds ``phrase``, in all its forms."""
    found = list(tokens(phrase))
    if not found:
        return
    if not found[-1].whole:  # the run may go on where it is found
        found = found[:-1]
    open_end = _is_character(found[-1])
    choices = (sorted(forms(token.text, language)) for token in found)
    for words in islice(_own_first(product(*choices), found), MOST_FORMS):
        entry = _padded(" ".join(words))
        yield entry[:-1] if open_end else entry


def _own_first(
    made: Iterable[tuple[str, ...]], found: Sequence[IndexedToken]
) -> Iterator[tuple[str, ...]]:
    own = tuple(token.text for token in found)
    yield own
    yield from (words for words in made if words != own)


def _is_character(token: IndexedToken) -> bool:
    """A lone character of a script without spaces begins a pair in the text."""
    return len(token.text) == 1 and UNSPACED.match(token.text) is not None

"""Where in a line's text each of its timed words stands."""

from collections.abc import Sequence
from typing import Any, NamedTuple


class WordPlace(NamedTuple):
    at: int  # characters from the beginning of the text
    start_ms: int
    end_ms: int
    probability: float = 1.0


def places(text: str, words: Sequence[Sequence[Any]]) -> list[WordPlace]:
    """Of ``words`` as a row keeps them, [text, start_ms, end_ms, probability]; a word
    that the text does not have any more (it was corrected) has no place."""
    found: list[WordPlace] = []
    begin = 0
    for word, start, end, *sure in words:
        at = text.find(word, begin) if word else -1
        if at >= 0:
            found.append(WordPlace(at, start, end, *sure))
            begin = at + len(word)
    return found

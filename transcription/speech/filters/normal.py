"""Text as the filters compare it: tokens without case, width and punctuation."""

import unicodedata
from dataclasses import dataclass
from functools import lru_cache

from transcription.speech.engine.captions import units


@dataclass(frozen=True)
class Token:
    """A run of letters, marks and digits; ``normal`` is NFKC without case."""

    normal: str
    start: int  # in the text it came from
    end: int


def tokens(text: str) -> list[Token]:
    """The words of a text with their places; everything else separates.

    An apostrophe separates too: "I'm" is ``i m``, as public phrase lists have it. A
    script without spaces gives one token from one mark of punctuation to the next.
    """
    found: list[Token] = []
    start, run = 0, ""
    for at, character in enumerate(text):
        if folded := _folded(character):
            start = at if not run else start
            run += folded
        elif run:
            found.append(Token(run, start, at))
            run = ""
    if run:
        found.append(Token(run, start, len(text)))
    return found


@lru_cache(maxsize=8192)
def _folded(character: str) -> str:
    """A character as it is compared; nothing for one that separates words."""
    folded = unicodedata.normalize("NFKC", character).casefold()
    return folded if all(unicodedata.category(c)[0] in "LMN" for c in folded) else ""


def normal(text: str) -> str:
    """A text as a line of a phrase list: tokens with one space between."""
    composed = unicodedata.normalize("NFC", text)  # as the text of a line is
    return " ".join(token.normal for token in tokens(composed))


def small_tokens(text: str) -> list[Token]:
    """Like ``tokens``, with single characters where a script has no spaces."""
    found, at = [], 0
    for unit in units(text):
        if key := normal(unit):
            start = at + len(unit) - len(unit.lstrip())
            found.append(Token(key, start, at + len(unit)))
        at += len(unit)
    return found

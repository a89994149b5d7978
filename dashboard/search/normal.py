"""Text as the index reads it: tokens that both databases take as they are.

Case, width and accents do not count. Scripts that put no spaces between words, or none
between a noun and its particles, are cut into pairs of characters, so that a word is
found in the middle of a run.
"""

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

LONGEST = 64  # characters of a token; PostgreSQL refuses lexemes of 2 kB

# Accents of alphabets, Hebrew points and Arabic vowels go; marks that carry a letter's
# sound (Indic vowels, Japanese voicing) stay.
ACCENTS = re.compile(
    "[\u0300-\u036f\u0591-\u05c7\u064b-\u065f\u0670\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff]"
)
# A character with what composes with it: marks, half-width voicing, Hangul jamo.
CLUSTER = re.compile(
    ".[\u0300-\u036f\u0591-\u05c7\u064b-\u065f\u0670\u1ab0-\u1aff\u1dc0-\u1dff"
    "\u20d0-\u20ff\u3099\u309a\uff9e\uff9f\u1160-\u11ff]*",
    re.DOTALL,
)
# Han, kana, Hangul, Thai, Lao, Myanmar, Khmer
UNSPACED = re.compile(
    "[\u0e00-\u0eff\u1000-\u109f\u1100-\u11ff\u1780-\u17ff\u3005-\u3007\u3040-\u30ff"
    "\u3130-\u318f\u3400-\u4dbf\u4e00-\u9fff\ua960-\ua97f\uac00-\ud7ff\uf900-\ufaff"
    "\U00020000-\U0003ffff]"
)
SPACED = re.compile("[^ +#]+[+#]*")
RUN = re.compile(f"{UNSPACED.pattern}+|(?:(?!{UNSPACED.pattern})[^ +#])+[+#]*")

Span = tuple[int, int]


class IndexedToken(NamedTuple):
    """A token, and the slice of the original text that it was read from."""

    text: str
    start: int
    end: int
    whole: bool = True  # False: a lone character that closes a run of pairs


def normal(text: str) -> str:
    """The tokens of ``text`` between single spaces: column ``Turn.normal``."""
    return " ".join(token.text for token in tokens(text))


def tokens(text: str) -> Iterator[IndexedToken]:
    """Tokens of ``text`` in order."""
    if text.isascii():  # each character is a cluster, and becomes one
        for run in SPACED.finditer(text.translate(ASCII)):
            yield IndexedToken(run.group()[:LONGEST], run.start(), run.end())
        return
    folded, origin = _fold(text)
    for run in RUN.finditer(folded):
        if UNSPACED.match(run.group()):
            yield from _pairs(run, origin)
        else:
            yield _token(run.group(), run.start(), run.end(), origin)


def _pairs(run: re.Match[str], origin: list[Span]) -> Iterator[IndexedToken]:
    """Of abc: ab, bc and the closing c, so that a last character is found alone."""
    first, last = run.span()
    for at in range(first, last - 1):
        yield _token(run.string[at : at + 2], at, at + 2, origin)
    yield _token(run.string[last - 1], last - 1, last, origin, last - first == 1)


def _token(
    text: str, start: int, end: int, origin: list[Span], whole: bool = True
) -> IndexedToken:
    return IndexedToken(text[:LONGEST], origin[start][0], origin[end - 1][1], whole)


def _fold(text: str) -> tuple[str, list[Span]]:
    """The text with what does not count taken away, and where each character stood."""
    pieces: list[str] = []
    origin: list[Span] = []
    for cluster in CLUSTER.finditer(text):
        piece = _fold_cluster(cluster.group())
        pieces.append(piece)
        origin.extend([cluster.span()] * len(piece))
    return "".join(pieces), origin


@lru_cache(maxsize=8192)
def _fold_cluster(cluster: str) -> str:
    folded = unicodedata.normalize("NFKC", cluster).casefold()
    bare = ACCENTS.sub("", unicodedata.normalize("NFKD", folded))
    kept = unicodedata.normalize("NFKC", bare)
    return "".join(char if _counts(char) else " " for char in kept)


def _counts(char: str) -> bool:
    return char in "+#" or unicodedata.category(char)[0] in "LNM"


ASCII = {code: _fold_cluster(chr(code)) for code in range(128)}

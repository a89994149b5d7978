"""What letters a text is of, for files that are printed."""

import unicodedata

import regex

from meetings.models.names import one_line

NO_LETTERS = regex.compile(r"[\p{Cn}\p{Co}]+")  # XML and fonts have nothing for them
# Scripts whose letters join, move or change with their neighbours
COMPLEX = regex.compile(
    r"[\p{Arabic}\p{Hebrew}\p{Syriac}\p{Thaana}\p{Nko}\p{Devanagari}\p{Bengali}"
    r"\p{Gurmukhi}\p{Gujarati}\p{Oriya}\p{Tamil}\p{Telugu}\p{Kannada}\p{Malayalam}"
    r"\p{Sinhala}\p{Thai}\p{Lao}\p{Tibetan}\p{Myanmar}\p{Khmer}\p{M}\u200d]"
)


def plain(text: str) -> str:
    """``text`` as one line that every format can hold."""
    return NO_LETTERS.sub("", one_line(text))


def is_right_to_left(text: str) -> bool:
    """By the first letter that has a direction (UAX 9, P2)."""
    kinds = (unicodedata.bidirectional(letter) for letter in text)
    return next((kind != "L" for kind in kinds if kind in ("L", "R", "AL")), False)

"""Names at the beginning of what is said: "Anna Smith: Good morning"."""

import re
from collections.abc import Iterable

from transcription.speech.speakers.cues import MOST_NAME, shown

MOST_WORDS = 6
# Small words inside names; all others begin with a capital, or with a letter of a
# script that has none.
SMALL = frozenset(
    {"de", "da", "do", "dos", "das", "del", "della", "di", "du", "den", "der", "van"}
    | {"von", "vom", "zu", "zur", "ten", "ter", "la", "le", "el", "al", "bin", "ibn"}
    | {"ben", "bint", "y", "e", "af", "av", "och", "i"}
)
MARKED = re.compile(
    r"\s*(?:[-–—]\s*)?(?:>>\s*)?\[?([^:：\[\]]{1,80}?)\]?\s*[:：](?!//)\s*(.*)", re.S
)


def split_name(line: str) -> tuple[str, str]:
    """(name, what is said); an empty name where the line does not begin with one."""
    told = MARKED.fullmatch(line[:200])
    if not told:
        return "", line
    name = shown(told[1])
    said = line[told.start(2) :]
    return (name, said) if is_name(name) else ("", line)


def is_name(text: str) -> bool:
    """Whether a text can be the name of somebody."""
    words = text.split()
    if not 0 < len(words) <= MOST_WORDS or len(text) > MOST_NAME:
        return False
    if any(mark in text for mark in "?!;/\\=<>{}|"):
        return False
    return any(map(str.isalpha, text)) and all(map(_is_part, words))


def _is_part(word: str) -> bool:
    bare = word.strip("()[].,'\"’&+-–#_@")
    if not bare or bare.casefold() in SMALL or bare[0].isdigit():
        return True
    return not bare[0].islower() or "@" in word


def carry_on(names: Iterable[str]) -> list[str]:
    """Names where a transcript gives them at changes only: the one before goes on.

    Where it names most of what is said, what has no name has none.
    """
    given = list(names)
    if 2 * sum(map(bool, given)) >= len(given):
        return given
    found, last = [], ""
    for name in given:
        last = name or last
        found.append(last)
    return found

"""The part of a turn that answers a query, with the words that matched marked."""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

from .normal import IndexedToken, tokens
from .query import QueryPhrase

BEFORE, AFTER = 60, 160  # characters of the turn shown around the first match

Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class QuotePart:
    text: str
    marked: bool = False


def matches(text: str, phrases: Sequence[QueryPhrase]) -> list[Span]:
    """Slices of ``text`` that match a phrase, joined where they touch, in order."""
    found = list(tokens(text))
    spans = sorted(span for phrase in phrases for span in _occurrences(found, phrase))
    joined: list[Span] = []
    for start, end in spans:
        if joined and start <= joined[-1][1]:
            joined[-1] = joined[-1][0], max(end, joined[-1][1])
        else:
            joined.append((start, end))
    return joined


def _occurrences(found: Sequence[IndexedToken], phrase: QueryPhrase) -> list[Span]:
    size = len(phrase.tokens)
    starts = [n for n, token in enumerate(found) if _agrees(token.text, phrase, 0)]
    return [
        (found[at].start, found[at + size - 1].end)
        for at in starts
        if at + size <= len(found)
        and all(_agrees(found[at + n].text, phrase, n) for n in range(1, size))
    ]


def _agrees(text: str, phrase: QueryPhrase, place: int) -> bool:
    wanted = phrase.tokens[place]
    if phrase.prefix and place == len(phrase.tokens) - 1:
        return text.startswith(wanted)
    return text == wanted


def quote(text: str, spans: Sequence[Span]) -> list[QuotePart]:
    """A stretch of ``text`` around the first of ``spans``, cut between words."""
    first, last = _window(text, spans[0] if spans else (0, 0))
    pieces = [QuotePart("... ")] if first else []
    at = first
    for start, end in spans:
        if start >= last:
            break
        pieces += [
            QuotePart(text[at:start]),
            QuotePart(text[start : min(end, last)], True),
        ]
        at = min(end, last)
    pieces.append(QuotePart(text[at:last] + (" ..." if last < len(text) else "")))
    return [piece for piece in pieces if piece.text]


def _window(text: str, span: Span) -> Span:
    first, last = max(0, span[0] - BEFORE), min(len(text), span[0] + AFTER)
    if first:
        space = text.find(" ", first, span[0])
        first = space + 1 if space >= 0 else first
    if last < len(text):
        space = text.rfind(" ", span[0] + 1, last)
        last = space if space >= 0 else last
    return first, last


def time_of(words: Sequence[Sequence[int]], position: int) -> int:
    """Start in ms of the word at ``position``; ``words`` as in ``Turn.words``."""
    at = bisect_right(words, position, key=lambda word: word[0]) - 1
    return words[max(at, 0)][1]

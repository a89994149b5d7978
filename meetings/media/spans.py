"""Arithmetic of stretches of time: (start, end), in ms or any other unit."""

from bisect import bisect_left
from collections.abc import Iterable, Sequence

Span = tuple[int, int]

FOR_GOOD = 2**63


def length(spans: Iterable[Span]) -> int:
    return sum(end - start for start, end in spans)


def joined(spans: Iterable[Span], gap: int = 0) -> list[Span]:
    """The same time in order and apart: what touches, or is less than ``gap`` apart, is
    one."""
    result: list[Span] = []
    for start, end in sorted(spans):
        if result and (start <= result[-1][1] or start - result[-1][1] < gap):
            result[-1] = result[-1][0], max(end, result[-1][1])
        elif end > start:
            result.append((start, end))
    return result


def within(spans: Iterable[Span], limits: Iterable[Span]) -> list[Span]:
    """What of ``spans`` lies in one of ``limits``. One walk over each."""
    first, second = joined(spans), joined(limits)
    both: list[Span] = []
    a = b = 0
    while a < len(first) and b < len(second):
        start = max(first[a][0], second[b][0])
        end = min(first[a][1], second[b][1])
        if start < end:
            both.append((start, end))
        if first[a][1] < second[b][1]:
            a += 1
        else:
            b += 1
    return both


def without(spans: Iterable[Span], holes: Iterable[Span]) -> list[Span]:
    """What of ``spans`` lies in none of ``holes``."""
    edges = [-FOR_GOOD, *(edge for hole in joined(holes) for edge in hole), FOR_GOOD]
    return within(spans, zip(edges[::2], edges[1::2], strict=True))


def touches(spans: Sequence[Span], start: int, end: int) -> bool:
    """Whether any of ``spans``, in order and apart, has a moment in [start, end]."""
    at = bisect_left(spans, start, key=lambda span: span[1])
    return at < len(spans) and spans[at][0] <= end

"""What of a person's sound did not arrive, by the segments of their room's manifest.

All times are ms on the room clock.
"""

from collections.abc import Iterable, Sequence

from meetings.media.events import Segment
from meetings.media.packets import DRAWN_GAP_MS
from meetings.media.spans import FOR_GOOD, Span, joined, without

EDGE_MS = 1000  # before the first and after the last sound: coming and going take time


def missing(wanted: Sequence[Span], segments: Sequence[Segment]) -> list[Span]:
    """Of the stretches `wanted`, those that no file has, in order.

    `segments`: of one person. What is shorter than a drawn gap is lost packets.
    """
    have = covered(segments)
    lacking = without(wanted, have)
    if have:
        first, last = have[0][0], have[-1][1]
        lacking = [span for span in lacking if not _is_edge(span, first, last)]
    return [(a, b) for a, b in lacking if b - a >= DRAWN_GAP_MS]


def settled(segments: Iterable[Segment], now: int) -> int:
    """Until when all is known: what is missing of an open file shows at its end."""
    return min((s.offset_ms for s in segments if s.state == "open"), default=now)


def covered(segments: Iterable[Segment]) -> list[Span]:
    """The stretches of which there is sound, in order and apart.

    A file that is still open goes on for good, or to where the next one begins.
    """
    ordered = sorted(segments, key=lambda segment: segment.offset_ms)
    late = [s for s in ordered if s.handed_in]
    lines = [s for s in ordered if not s.handed_in]
    spans = [(s.offset_ms, s.offset_ms + s.duration_ms) for s in late]
    for n, segment in enumerate(lines):
        begin, end = segment.offset_ms, segment.offset_ms + segment.duration_ms
        if segment.state == "open":
            end = lines[n + 1].offset_ms if n + 1 < len(lines) else FOR_GOOD
        spans += without([(begin, end)], segment.gaps)
    return joined(spans)


def _is_edge(span: Span, first: int, last: int) -> bool:
    outside = span[1] <= first or span[0] >= last
    return outside and span[1] - span[0] < EDGE_MS

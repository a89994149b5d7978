"""What a viewer of captions sees at a moment, whoever makes them. Pure."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass


@dataclass(frozen=True)
class Screen:
    """All text of one stream: ``settled`` is final, ``open`` may still change."""

    settled: str = ""
    open: str = ""


Seen = tuple[float, Screen]  # arrival in seconds on the stream's clock


def changes(seen: Iterable[Seen]) -> Iterator[Seen]:
    """The moments at which something changed."""
    before = Screen()
    for at, screen in seen:
        if screen != before:
            yield at, screen
        before = screen

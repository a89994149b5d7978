"""Phrases of a list in what somebody says."""

import re
from collections.abc import Iterable, Iterator, Sequence

from dashboard.stats.timeline import TimedWord

_EDGES = re.compile(r"^\W+|\W+$")


def listed_in(
    words: Sequence[TimedWord], phrases: Iterable[str]
) -> Iterator[Sequence[TimedWord]]:
    """Where ``words`` have a phrase, whatever the case; the longest, and each once."""
    wanted = {tuple(phrase.casefold().split()) for phrase in phrases}
    plain = [_EDGES.sub("", word.text.casefold()) for word in words]
    longest = max((len(phrase) for phrase in wanted), default=0)
    at = 0
    while at < len(words):
        sizes = range(min(longest, len(words) - at), 0, -1)
        size = next((n for n in sizes if tuple(plain[at : at + n]) in wanted), 0)
        if size:
            yield words[at : at + size]
        at += size or 1

"""Trackers by a query that asks for hits of others: ``tracker:price "next week"``."""

from collections.abc import Iterable

from dashboard.models import SavedSearch
from dashboard.search.labels import is_named
from dashboard.search.query import Filter

from .queries import leaves


def asking_for(names: Iterable[str]) -> list[SavedSearch]:
    """Those whose query asks for hits of a tracker of one of ``names``."""
    typed = SavedSearch.objects.tracked().filter(query__icontains="tracker:")
    return [row for row in typed if any(is_named(n, named_by(row)) for n in names)]


def named_by(search: SavedSearch) -> list[str]:
    """What a query says of names of trackers."""
    return [
        value
        for leaf in leaves(search.query)
        if isinstance(leaf, Filter) and leaf.key == "tracker"
        for value in leaf.values
    ]

"""Trackers to find things with."""

from typing import Any

from dashboard.models import Hit, SavedSearch
from dashboard.trackers import wanted
from tests.cast import Visitor


def tracker(
    owner: Visitor, *phrases: str, name: str = "Price", **more: Any
) -> SavedSearch:
    """A tracker of ``owner`` for phrases of any language, filled."""
    fields = {key: more.pop(key) for key in ("shared", "query") if key in more}
    row: SavedSearch = SavedSearch.objects.create(
        name=name,
        owner=owner.user,
        tracked=True,
        form=wanted.written(wanted.WantedPhrases({"": phrases}, **more)),
        filled_version=1,
        **fields,
    )
    return row


def words(search: SavedSearch) -> list[str]:
    """The words of its hits, as they were said."""
    hits = Hit.objects.filter(search=search).select_related("turn")
    return [hit.turn.text[hit.begin : hit.end] for hit in hits if hit.turn]

"""The turns before and after those that a query found, in the same call."""

from collections.abc import Sequence
from typing import NamedTuple

from django.db.models import OuterRef, QuerySet, Subquery

from dashboard.models import Turn

SHOWN = 80  # characters of such a turn: those next to the quote


class Neighbour(NamedTuple):
    """A turn beside a quote, as far as it is shown."""

    turn: Turn
    text: str


class Neighbours(NamedTuple):
    """Of one turn; None at the ends of a call."""

    before: Neighbour | None = None
    after: Neighbour | None = None


def neighbours(found: Sequence[Turn]) -> dict[int, Neighbours]:
    """By the turn's id. Two statements, however many turns."""
    ids = [turn.pk for turn in found]
    if not ids:
        return {}
    asked = Turn.objects.order_by().filter(pk__in=ids)
    beside = list(
        asked.annotate(before=_before(), after=_after()).values_list(
            "pk", "before", "after"
        )
    )
    wanted = {pk for _, *both in beside for pk in both if pk}
    turns = Turn.objects.select_related("participant").in_bulk(wanted)
    return {
        pk: Neighbours(
            _end_of(turns[before]) if before in turns else None,
            _beginning_of(turns[after]) if after in turns else None,
        )
        for pk, before, after in beside
    }


def _before() -> Subquery:
    earlier = _of_the_call().filter(start_ms__lt=OuterRef("start_ms"))
    return Subquery(earlier.order_by("-start_ms", "-pk").values("pk")[:1])


def _after() -> Subquery:
    later = _of_the_call().filter(start_ms__gt=OuterRef("start_ms"))
    return Subquery(later.order_by("start_ms", "pk").values("pk")[:1])


def _of_the_call() -> "QuerySet[Turn]":
    return Turn.objects.filter(meeting=OuterRef("meeting"))


def _end_of(turn: Turn) -> Neighbour:
    text = turn.text
    if len(text) > SHOWN:
        text = "... " + text[-SHOWN:].partition(" ")[2]
    return Neighbour(turn, text)


def _beginning_of(turn: Turn) -> Neighbour:
    text = turn.text
    if len(text) > SHOWN:
        text = text[:SHOWN].rpartition(" ")[0] + " ..."
    return Neighbour(turn, text)

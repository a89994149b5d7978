"""The hits of one call: the tab on its page, and moments for its lanes."""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby

from django.contrib.auth.decorators import login_required
from django.contrib.auth.models import AbstractBaseUser, AnonymousUser
from django.db.models import F
from django.db.models.functions import Left, Substr
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from dashboard.models import Hit, SavedSearch
from meetings.access import get_meeting_for
from meetings.models import Meeting
from meetings.requests import AuthenticatedRequest

from .shown import ShownHit, shown

MOST_SHOWN = 200  # of one tracker in one call
MOST_MOMENTS = 1_000  # of one call
LABEL = 80  # characters of what was said


@dataclass(frozen=True)
class TrackerInCall:
    search: SavedSearch
    hits: list[ShownHit]
    count: int


def hits_in(meeting: Meeting, reader: AbstractBaseUser) -> Iterable[Hit]:
    """Hits of the trackers that ``reader`` may see, by tracker and then by time."""
    hits = Hit.objects.visible_to(reader).filter(meeting=meeting)
    hits = hits.select_related("search", "meeting", "participant", "turn")
    return hits.order_by("search__name", "search_id", "start_ms", "pk")


def moments_in(
    meeting: Meeting, reader: AbstractBaseUser | AnonymousUser
) -> list[tuple[int, str]]:
    """(ms, "Pricing: discount") of each hit that ``reader`` may see, by time: for the
    lanes."""
    words = Substr("turn__text", F("begin") + 1, F("end") - F("begin"))
    hits = Hit.objects.visible_to(reader).filter(meeting=meeting)
    rows = hits.order_by("start_ms", "pk").annotate(words=Left(words, LABEL))
    columns = rows.values_list("start_ms", "search__name", "words")
    return [(ms, f"{name}: {said}") for ms, name, said in columns[:MOST_MOMENTS]]


def found_in(
    meeting: Meeting, reader: AbstractBaseUser, most: int = MOST_SHOWN
) -> list[TrackerInCall]:
    """What the trackers that ``reader`` may see found, the first ``most`` hits of each
    with the words around them."""
    grouped = groupby(hits_in(meeting, reader), key=lambda hit: hit.search)
    by_tracker = [(search, list(hits)) for search, hits in grouped]
    return [
        TrackerInCall(search, shown(hits[:most]), len(hits))
        for search, hits in by_tracker
    ]


@login_required
@require_safe
def call_trackers(request: AuthenticatedRequest, code: str) -> HttpResponse:
    """What the panel of a call's page puts in."""
    meeting = get_meeting_for(request.user, code)
    found = found_in(meeting, request.user)
    tracked = SavedSearch.objects.visible_to(request.user).tracked().exists()
    context = {"found": found, "tracked": tracked}
    return render(request, "dashboard/trackers/_in_call.html", context)

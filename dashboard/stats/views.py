"""The statistics on the page of a call."""

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from dashboard.models import FigureAim
from dashboard.stats.beside import pairs
from dashboard.stats.compute import figures_of, heard_in
from dashboard.stats.gather import timeline_of
from dashboard.stats.team import medians
from dashboard.stats.tiles import shown_figures, shown_people, tiles_with
from meetings.access import get_meeting_for
from meetings.requests import AuthenticatedRequest


@login_required
@require_safe
def stats(request: AuthenticatedRequest, code: str) -> HttpResponse:
    """What the panel of a call's page puts in; computed anew from its rows."""
    meeting = get_meeting_for(request.user, code)
    timeline = timeline_of(meeting)
    heard = heard_in(timeline)
    found = figures_of(heard)
    tiles = tiles_with(*FigureAim.in_force())
    usual = medians(request.user, meeting, (tile.name for tile in tiles))
    context = {
        "figures": list(shown_figures(tiles, found, timeline, usual)),
        "pairs": pairs(heard) if found.call["interruptions"].value is not None else (),
        "people": list(shown_people(found, timeline)),
        "spoken": any(speaker.speech for speaker in timeline.speakers),
    }
    return render(request, "dashboard/_stats.html", context)

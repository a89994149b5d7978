"""Bookmarks of a call: set and taken back from its page."""

from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.http import HttpResponse, HttpResponseBadRequest
from django.views.decorators.http import require_POST

from dashboard.models import Bookmark
from meetings.access import get_meeting_for
from meetings.requests import AuthenticatedRequest

NEAR_MS = 1_000  # two moments nearer than this are one
MOST = 200  # of one person in one call
LATEST_MS = 2**31 - 1  # that a row can hold


@login_required
@require_POST
def bookmark(request: AuthenticatedRequest, code: str) -> HttpResponse:
    """``ms=&on=1`` keeps a moment, ``on=`` takes back those that are near; 204."""
    meeting = get_meeting_for(request.user, code)
    ms = request.POST.get("ms", "")
    if not (ms.isascii() and ms.isdigit() and len(ms) < 11 and int(ms) <= LATEST_MS):
        return HttpResponseBadRequest("A moment is a number of milliseconds.")
    at = int(ms)
    own = Bookmark.objects.filter(meeting=meeting, user=request.user)
    near = own.filter(at_ms__range=(max(0, at - NEAR_MS), at + NEAR_MS))
    with transaction.atomic():
        if not request.POST.get("on"):
            near.delete()
        elif not near.exists() and own.count() < MOST:
            own.get_or_create(meeting=meeting, user=request.user, at_ms=at)
    return HttpResponse(status=204)

"""Deleted calls: brought back, or deleted for good, by whom who ran them."""

from datetime import timedelta

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from dashboard.call import manage
from meetings.models import Meeting
from meetings.recordings import retention
from meetings.requests import AuthenticatedRequest

PER_PAGE = 50


@login_required
@require_safe
def deleted(request: AuthenticatedRequest) -> HttpResponse:
    """The bin of who asks; that of everybody for a superuser."""
    found = Meeting.objects.in_bin_of(request.user).order_by("-deleted_at", "-pk")
    found = found.select_related("owner").prefetch_related("participants")
    page = Paginator(found, PER_PAGE).get_page(request.GET.get("page"))
    days = timedelta(days=retention.BIN_DAYS)
    rows = [(meeting, (meeting.deleted_at or meeting.date) + days) for meeting in page]
    return render(request, "dashboard/deleted.html", {"page": page, "rows": rows})


@login_required
@require_POST
def back(request: AuthenticatedRequest, code: str) -> HttpResponse:
    meeting = _found(request, code)
    retention.bring_back(meeting)
    messages.success(request, f"“{meeting.name}” is back.")
    return redirect(meeting)


@login_required
@require_POST
def erase(request: AuthenticatedRequest, code: str) -> HttpResponse:
    """For good, at once."""
    manage.erase(request, _found(request, code))
    return redirect("deleted")


def _found(request: AuthenticatedRequest, code: str) -> Meeting:
    meeting = Meeting.objects.in_bin_of(request.user).filter(code=code).first()
    if meeting is None:
        raise Http404
    return meeting

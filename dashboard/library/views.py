"""The list of meetings, and the search that takes its place."""

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from dashboard.library.rows import Row
from dashboard.queries import meetings_for
from dashboard.search import find
from meetings.requests import AuthenticatedRequest

PER_PAGE = 30


@login_required
@require_safe
def home(request: AuthenticatedRequest) -> HttpResponse:
    query = request.GET.get("q", "").strip()
    return search(request, query) if query else meetings(request)


def meetings(request: AuthenticatedRequest) -> HttpResponse:
    found = Paginator(meetings_for(request.user), PER_PAGE)
    page = found.get_page(request.GET.get("page"))
    context = {
        "page": page,
        "rows": [Row(meeting, request.user) for meeting in page],
        "upload_max_bytes": settings.UPLOAD_MAX_BYTES,
    }
    return render(request, "dashboard/home.html", context)


def search(request: AuthenticatedRequest, query: str) -> HttpResponse:
    results = find(request.user, query, request.GET.get("page", 1))
    context = {"query": query, "results": results, "page": results.page}
    return render(request, "dashboard/search.html", context)


@login_required
@require_safe
def row(request: AuthenticatedRequest, code: str) -> HttpResponse:
    """One row of the list, for a page on which it still moves."""
    meeting = meetings_for(request.user).filter(code=code).first()
    if meeting is None:
        raise Http404
    return render(
        request, "dashboard/_meeting.html", {"row": Row(meeting, request.user)}
    )

"""The list of meetings, and the search that takes its place."""

from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpResponse
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
    context = {**_list(request), "upload_max_bytes": settings.UPLOAD_MAX_BYTES}
    return render(request, "dashboard/home.html", context)


def search(request: AuthenticatedRequest, query: str) -> HttpResponse:
    results = find(request.user, query, request.GET.get("page", 1))
    context = {"query": query, "results": results, "page": results.page}
    return render(request, "dashboard/search.html", context)


@login_required
@require_safe
def rows(request: AuthenticatedRequest) -> HttpResponse:
    """``?page=N``: the rows of a page of the list, for who has it open."""
    return render(request, "dashboard/_rows.html", _list(request))


def _list(request: AuthenticatedRequest) -> dict[str, Any]:
    found = Paginator(meetings_for(request.user), PER_PAGE)
    page = found.get_page(request.GET.get("page"))
    shown = [Row(meeting, request.user) for meeting in page]
    return {"page": page, "rows": shown, "moves": any(row.moves for row in shown)}

"""The list of meetings, and the search that takes its place."""

from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from dashboard.library import filters
from dashboard.library.rows import Row
from dashboard.queries import meetings_for, page_of
from dashboard.search import Query, asker_of, find, found_calls, parse
from meetings.requests import AuthenticatedRequest

PER_PAGE = 30


@login_required
@require_safe
def home(request: AuthenticatedRequest) -> HttpResponse:
    """``?q=``: what is said in calls, or the calls that a query without words finds."""
    text = request.GET.get("q", "").strip()
    query = parse(text)
    if text and (query.finds_turns or not query):
        return search(request, text)
    return meetings(request, query, text)


def meetings(request: AuthenticatedRequest, query: Query, text: str) -> HttpResponse:
    context = {
        **_list(request, query),
        **_filters(request, query),
        "query": text,
        "upload_max_bytes": settings.UPLOAD_MAX_BYTES,
    }
    return render(request, "dashboard/home.html", context)


def search(request: AuthenticatedRequest, text: str) -> HttpResponse:
    results = find(asker_of(request), text, request.GET.get("page", 1))
    context = {
        **_filters(request, results.query),
        "query": text,
        "results": results,
        "page": results.page,
    }
    return render(request, "dashboard/search.html", context)


@login_required
@require_safe
def rows(request: AuthenticatedRequest) -> HttpResponse:
    """``?page=N&q=``: the rows of a page of the list, for who has it open."""
    query = parse(request.GET.get("q", ""))
    return render(request, "dashboard/_rows.html", _list(request, query))


def _list(request: AuthenticatedRequest, query: Query) -> dict[str, Any]:
    found = meetings_for(request.user)
    if query:
        found = found.filter(pk__in=found_calls(asker_of(request), query))
    page = page_of(found, request.GET.get("page", 1), PER_PAGE)
    shown = [Row(meeting, request.user) for meeting in page]
    return {
        "page": page,
        "rows": shown,
        "moves": any(row.moves for row in shown),
    }


def _filters(request: AuthenticatedRequest, query: Query) -> dict[str, Any]:
    return {
        "asked": query,
        "chips": filters.chips(query),
        "whose": filters.whose(query),
        "menus": filters.menus(asker_of(request), query),
    }

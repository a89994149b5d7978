"""Trackers and saved searches: the list, a tracker's hits, what one does with them."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST, require_safe

from dashboard.models import Alert, SavedSearch
from dashboard.models.saved_search import LONGEST_QUERY
from meetings import jobs
from meetings.models import Job
from meetings.models.names import one_line
from meetings.requests import AuthenticatedRequest

from . import alerts, saving
from .backfill import KIND
from .listing import Filling, rows_for
from .sets import SETS
from .shown import hits_for, shown
from .wanted import read

HITS_PER_PAGE = 50
TOO_MANY = f"You keep {saving.MOST} searches already. Delete one first."


def search_for(request: AuthenticatedRequest, pk: int) -> SavedSearch:
    """A row that the visitor may see; 404 as if it did not exist."""
    found = SavedSearch.objects.visible_to(request.user).filter(pk=pk)
    search: SavedSearch | None = found.select_related("owner", "changed_by").first()
    if search is None:
        raise Http404
    return search


@login_required
@require_safe
def trackers(request: AuthenticatedRequest) -> HttpResponse:
    rows = rows_for(request.user)
    added = {row.search.name for row in rows if row.search.owner_id == request.user.pk}
    context = {
        "trackers": [row for row in rows if row.search.tracked],
        "searches": [row for row in rows if not row.search.tracked],
        "news": alerts.news_for(request.user),
        "sets": [(slug, made, made.name in added) for slug, made in SETS.items()],
    }
    return render(request, "dashboard/trackers/list.html", context)


@login_required
@require_safe
def tracker(request: AuthenticatedRequest, pk: int) -> HttpResponse:
    """The hits of a tracker, the newest call first. Who looks at them has seen them."""
    search = search_for(request, pk)
    if not search.tracked:
        return redirect("edit_tracker", pk)
    new = set(alerts.new_hits(request.user, search).values_list("pk", flat=True))
    pages = Paginator(hits_for(request.user).filter(search=search), HITS_PER_PAGE)
    page = pages.get_page(request.GET.get("page"))
    alerts.seen(request.user, [search.pk])
    context = {
        "search": search,
        "about": search.query or read(search.form).about(),
        "page": page,
        "hits": shown(page, new),
        "new": len(new),
        "alert": Alert.objects.filter(search=search, user=request.user).first(),
        "ways": Alert.How.choices,
        "filling": Filling.of(search),
        "owned": search.is_owned_by(request.user),
    }
    return render(request, "dashboard/trackers/tracker.html", context)


@login_required
@require_safe
def filling(request: AuthenticatedRequest, pk: int) -> HttpResponse:
    """How far a tracker is with earlier calls; it asks again until that is done."""
    search = search_for(request, pk)
    context = {"search": search, "filling": Filling.of(search)}
    return render(request, "dashboard/trackers/_filling.html", context)


@login_required
@require_safe
def news(request: AuthenticatedRequest) -> HttpResponse:
    """What the bar says beside *Trackers*: how many hits are new."""
    count = alerts.count_for(request.user)
    return render(request, "dashboard/trackers/_news.html", {"count": count})


@login_required
@require_POST
def seen(request: AuthenticatedRequest) -> HttpResponse:
    alerts.seen(request.user)
    return redirect("trackers")


@login_required
@require_POST
def alert(request: AuthenticatedRequest, pk: int) -> HttpResponse:
    """``how=page``, ``daily``, or anything else for no alert."""
    search = search_for(request, pk)
    if not search.tracked:
        raise Http404
    how = request.POST.get("how", "")
    alerts.set_alert(request.user, search, how)
    told = how in Alert.How.values
    messages.success(request, "You will hear of new hits." if told else "Alert is off.")
    return redirect(search)


@login_required
@require_POST
def retry(request: AuthenticatedRequest, pk: int) -> HttpResponse:
    """Look through earlier calls again, after that failed."""
    search = search_for(request, pk)
    jobs_of = Job.objects.filter(kind=KIND, payload={"search": search.pk})
    failed = jobs_of.filter(state=Job.State.FAILED).last()
    if failed:
        jobs.retry(failed)
    return redirect(search)


@login_required
@require_POST
def delete(request: AuthenticatedRequest, pk: int) -> HttpResponse:
    search = search_for(request, pk)
    if not search.is_owned_by(request.user):
        raise PermissionDenied
    saving.delete(search)
    messages.success(request, f"“{search.name}” is deleted.")
    return redirect("trackers")


@login_required
@require_POST
def add_set(request: AuthenticatedRequest, slug: str) -> HttpResponse:
    """A ready-made tracker, as one's own from then on."""
    if slug not in SETS:
        raise Http404
    made = SETS[slug]
    values = {"name": made.name, "colour": made.colour, "form": made.form}
    added = _add(request, {**values, "tracked": True})
    return redirect(added or "trackers")


@login_required
@require_safe
def saved_searches(request: AuthenticatedRequest) -> HttpResponse:
    """What the menu *Saved* of the list holds; ``?q=``: the search that is on."""
    searches = SavedSearch.objects.visible_to(request.user).exclude(query="")
    context = {"searches": searches, "query": request.GET.get("q", "")[:LONGEST_QUERY]}
    return render(request, "dashboard/trackers/_saved_list.html", context)


@login_required
@require_POST
def save_search(request: AuthenticatedRequest) -> HttpResponse:
    """``query=`` as it stands in the box, ``name=`` if it has one; ``next=``: the page
    to go back to."""
    query = request.POST.get("query", "").strip()[:LONGEST_QUERY]
    if not one_line(query):
        raise Http404
    name = one_line(request.POST.get("name", "")) or one_line(query)
    saved = _add(request, {"name": name[:80], "query": query})
    if saved:
        messages.success(request, f"“{saved.name}” is saved, under Trackers.")
    back = request.POST.get("next", "")
    safe = url_has_allowed_host_and_scheme(back, {request.get_host()})
    return redirect(back if safe else "trackers")


def _add(request: AuthenticatedRequest, values: dict[str, Any]) -> SavedSearch | None:
    try:
        return saving.add(request.user, **values)
    except saving.TooManySearches:
        messages.error(request, TOO_MANY)
        return None

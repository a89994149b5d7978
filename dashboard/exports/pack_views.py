"""The page on which people take calls out, and see how far that is."""

from typing import Any
from urllib.parse import quote

import structlog
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.http import content_disposition_header
from django.views.decorators.http import (
    require_http_methods,
    require_POST,
    require_safe,
)

from dashboard.exports import keeping, which
from dashboard.exports.forms import ExportForm
from dashboard.models import Export
from meetings import jobs
from meetings.access import get_meeting_for
from meetings.recordings.views import PROTECTED
from meetings.requests import AuthenticatedRequest

log = structlog.get_logger(__name__)

SHOWN = 20  # exports on the page, the newest first
NO_MORE = "You may no longer see every call in it. Take out again what you may see."


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def exports(request: AuthenticatedRequest) -> HttpResponse:
    """What somebody took out, and the form for more; ``?q=`` fills in a search."""
    query = request.GET.get("q", "").strip()[:500]
    first = {"scope": "search" if query else "mine", "query": query}
    sent = request.POST if request.method == "POST" else None
    form = ExportForm(sent, initial=first, user=request.user)
    if form.is_valid():
        form.instance.by = request.user
        _order(request, form.instance)
        return redirect("exports")
    status = 422 if request.method == "POST" else 200
    context = {"form": form, **_listed(request)}
    return render(request, "dashboard/exports.html", context, status=status)


@login_required
@require_POST
def take_out(request: AuthenticatedRequest, code: str) -> HttpResponse:
    """Everything of one call."""
    meeting = get_meeting_for(request.user, code)
    if not meeting.is_over:
        raise Http404
    _order(request, Export(by=request.user, scope=Export.Scope.CALL, meeting=meeting))
    return redirect("exports")


def _order(request: AuthenticatedRequest, export: Export) -> None:
    try:
        keeping.order(export)
    except keeping.TooManyExports as refusal:
        messages.error(request, str(refusal))


@login_required
@require_safe
def rows(request: AuthenticatedRequest) -> HttpResponse:
    """The list alone, for who has the page open."""
    return render(request, "dashboard/_exports.html", _listed(request))


def _listed(request: AuthenticatedRequest) -> dict[str, Any]:
    theirs = Export.objects.filter(by=request.user).select_related("job", "meeting")
    # who an untitled call was with is its name
    shown = list(theirs.prefetch_related("meeting__participants")[:SHOWN])
    moves = any(export.is_at_work for export in shown)
    return {"exports": shown, "moves": moves}


@login_required
@require_safe
def download(request: AuthenticatedRequest, pk: int) -> HttpResponse:
    """The file, for who took it out, while they may see all that is in it."""
    export = _of(request, pk)
    if not export.is_ready or not export.path.is_file():
        raise Http404
    if not which.still_seen(export):
        keeping.end(Export.objects.filter(pk=pk), Export.Gone.WITHDRAWN)
        messages.error(request, NO_MORE)
        return redirect("exports")
    log.info("calls were fetched", export=pk, by=request.user.pk, calls=export.calls)
    below = export.path.relative_to(settings.RECORDINGS_DIR)
    answer = HttpResponse(content_type="application/zip")
    answer["X-Accel-Redirect"] = PROTECTED + quote(str(below))
    name = content_disposition_header(True, export.file)
    answer["Content-Disposition"] = name or "attachment"
    answer["Cache-Control"] = "private, no-store"
    answer["X-Content-Type-Options"] = "nosniff"
    return answer


@login_required
@require_POST
def cancel(request: AuthenticatedRequest, pk: int) -> HttpResponse:
    """End it, or delete its file."""
    keeping.end(Export.objects.filter(pk=_of(request, pk).pk), Export.Gone.CANCELLED)
    return redirect("exports")


@login_required
@require_POST
def again(request: AuthenticatedRequest, pk: int) -> HttpResponse:
    """Try what failed once more."""
    export = _of(request, pk)
    if export.has_failed and export.job:
        jobs.retry(export.job)
    return redirect("exports")


def _of(request: AuthenticatedRequest, pk: int) -> Export:
    theirs = Export.objects.filter(by=request.user).select_related("job")
    return get_object_or_404(theirs, pk=pk)

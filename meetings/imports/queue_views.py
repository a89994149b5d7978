"""The page of what comes in: how far it is, and what may be done about it."""

from typing import Any

import structlog
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from meetings import jobs
from meetings.imports import queue
from meetings.imports.choosing import moment_of
from meetings.imports.refused import Refused
from meetings.models import Job
from meetings.recordings import retention
from meetings.requests import AuthenticatedRequest

log = structlog.get_logger(__name__)

PER_PAGE = 50


@login_required
@require_safe
def page(request: AuthenticatedRequest) -> HttpResponse:
    """What this person brought. Asked for by the page itself, only what moves."""
    inside = request.headers.get("HX-Request")
    template = "meetings/_imports.html" if inside else "meetings/imports.html"
    return render(request, template, _context(request))


def _context(request: AuthenticatedRequest) -> dict[str, Any]:
    counts = queue.counts_of(request.user)
    found = Paginator(queue.imports_of(request.user), PER_PAGE)
    shown = found.get_page(request.GET.get("page"))
    rows = [queue.ImportRow(job) for job in shown]
    moves = any(row.work and row.work["state"] != Job.State.FAILED for row in rows)
    return {
        "page": shown,
        "rows": rows,
        "waiting": counts[Job.State.QUEUED] + counts[Job.State.RUNNING],
        "failed": counts[Job.State.FAILED],
        "moves": moves,
        "left_ms": _left_ms() if moves else 0,
    }


def _left_ms() -> int | None:
    """To the minute: what is guessed is not told to the second."""
    seconds = queue.seconds_left()
    return None if seconds is None else max(1, round(seconds / 60)) * 60_000


def _mine(request: AuthenticatedRequest, job: int) -> Job:
    row = queue.imports_of(request.user).filter(pk=job).first()
    if row is None:
        raise Http404
    return row


@login_required
@require_POST
def retry(request: AuthenticatedRequest, job: int) -> HttpResponse:
    if not jobs.retry(_mine(request, job)):
        messages.info(request, "It did not fail, or is being tried again already.")
    return redirect("imports")


@login_required
@require_POST
def remove(request: AuthenticatedRequest, job: int) -> HttpResponse:
    """Cancel what comes in, or give up what failed: with its files, for good. A call
    that is there goes into the bin, as from anywhere."""
    row = queue.ImportRow(_mine(request, job))
    name = row.name
    if not (row.is_coming or row.is_failed):
        retention.put_in_bin(row.meeting)
        messages.success(request, f"“{name}” is in the bin.")
        return redirect("imports")
    try:
        retention.delete(row.meeting)
    except OSError as error:
        log.error("an import is not deleted", job=job, error=str(error))
        told = f"“{name}” could not be deleted whole. Try again, or ask an admin."
        messages.error(request, told)
    else:
        messages.success(request, f"“{name}” is deleted.")
    return redirect("imports")


@login_required
@require_POST
def retry_all(request: AuthenticatedRequest) -> HttpResponse:
    """What failed, all of it, is tried again."""
    failed = queue.imports_of(request.user).filter(state=Job.State.FAILED)
    count = sum(jobs.retry(job) for job in failed.prefetch_related(None))
    messages.success(request, f"{count} tried again.")
    return redirect("imports")


@login_required
@require_POST
def date(request: AuthenticatedRequest, job: int) -> HttpResponse:
    """``held_at=``: when a call was held whose files do not say it."""
    row = _mine(request, job)
    try:
        moment = moment_of(request.POST.get("held_at", ""))
    except Refused as wrong:
        messages.error(request, str(wrong))
        return redirect("imports")
    if moment and queue.ImportRow(row).lacks_date:
        queue.date_it(row, moment)
    return redirect("imports")

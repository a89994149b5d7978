"""The page of calls that were not recorded, for managers."""

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from dashboard.library.unrecorded import DAYS, Why, counted, unrecorded
from meetings.models.account import is_manager
from meetings.requests import AuthenticatedRequest


@login_required
@require_safe
def not_recorded(request: AuthenticatedRequest) -> HttpResponse:
    """``?why=no_sound``: those of one reason. Of calls that the manager may see."""
    if not is_manager(request.user):
        raise PermissionDenied
    every = unrecorded(request.user)
    wanted = request.GET.get("why", "")
    shown = [call for call in every if call.why == wanted] if wanted else every
    context = {
        "calls": shown,
        "reasons": counted(every),
        "wanted": wanted if wanted in Why.values else "",
        "days": DAYS,
    }
    return render(request, "dashboard/not_recorded.html", context)

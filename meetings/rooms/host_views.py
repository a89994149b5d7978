"""What its hosts do with a call: invite, remove, name, end."""

from typing import cast

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.contrib.auth.models import User
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import (
    require_GET,
    require_POST,
)

from meetings import access, services
from meetings.models import Meeting, Participant
from meetings.rooms.forms import MeetingForm


@require_POST
@login_required
def title(request: HttpRequest, code: str) -> HttpResponse:
    """{"title", "name"} of the call under its new title; empty: named by its people."""
    meeting = _run_by(request, code)
    form = MeetingForm(request.POST)
    if not form.is_valid():
        return JsonResponse({"error": form.errors["title"][0]}, status=422)
    services.rename(meeting, form.cleaned_data["title"])
    return JsonResponse({"title": meeting.title, "name": meeting.name})


@require_POST
@login_required
def video(request: HttpRequest, code: str) -> HttpResponse:
    """Say before the call whether its pictures are recorded; back to its page."""
    meeting = _run_by(request, code)
    if not (settings.RECORD_VIDEO and meeting.accepts_people):
        raise Http404
    services.set_record_video(meeting, request.POST.get("video") == "on")
    return redirect("room:lobby", code)


@require_POST
@login_required
def guest_link(request: HttpRequest, code: str) -> HttpResponse:
    """{"url", "expires_at"} of a link to hand out."""
    meeting = _run_by(request, code)
    if not meeting.accepts_people:
        raise Http404
    link = services.guest_link(meeting, cast(User, request.user))
    path = reverse("redeem", args=[access.token_for(link)])
    return JsonResponse(
        {"url": settings.PUBLIC_URL + path, "expires_at": link.expires_at}
    )


@require_POST
@login_required
def close_links(request: HttpRequest, code: str) -> HttpResponse:
    """{"closed": how many}; nobody new comes in by them, who is in stays."""
    return JsonResponse({"closed": services.close_links(_run_by(request, code))})


@require_POST
@login_required
def revoke_links(request: HttpRequest, code: str) -> HttpResponse:
    """{"revoked": how many}; guests who came by them are put out."""
    links = _run_by(request, code).guest_links.all()
    return JsonResponse({"revoked": services.revoke_links(links)})


@never_cache
@require_GET
@login_required
def door(request: HttpRequest, code: str) -> HttpResponse:
    """{"hosts": [participant], "removed": [{"id", "name"}]}."""
    meeting = _run_by(request, code)
    removed = meeting.participants.filter(removed_at__isnull=False)
    return JsonResponse(
        {
            "hosts": services.hosts(meeting),
            "removed": list(removed.values("id", "name")),
        }
    )


@require_POST
@login_required
def remove(request: HttpRequest, code: str, participant: int) -> HttpResponse:
    """Put a person out, who cannot come back by themselves."""
    meeting, person = _person(request, code, participant)
    if person.pk in services.hosts(meeting):
        return JsonResponse({"error": "A host cannot be removed."}, status=409)
    services.remove(person)
    return JsonResponse({"removed": person.pk})


@require_POST
@login_required
def let_in(request: HttpRequest, code: str, participant: int) -> HttpResponse:
    """Undo a removal."""
    _, person = _person(request, code, participant)
    services.let_in_again(person)
    return JsonResponse({"let_in": person.pk})


@require_POST
@login_required
def end(request: HttpRequest, code: str) -> HttpResponse:
    meeting = _run_by(request, code)
    services.end_meeting(meeting)
    return redirect("call", code)


def _run_by(request: HttpRequest, code: str) -> Meeting:
    meeting = access.get_meeting_for(request.user, code)
    if not meeting.may_be_run_by(request.user):
        raise Http404
    return meeting


def _person(
    request: HttpRequest, code: str, participant: int
) -> tuple[Meeting, Participant]:
    """Somebody of a meeting that the visitor runs and that goes on, or 404."""
    meeting = _run_by(request, code)
    if not meeting.accepts_people:
        raise Http404
    return meeting, get_object_or_404(meeting.participants, pk=participant)

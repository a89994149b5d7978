"""The page on which guests wait, and what a host does at the door of a call."""

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST, require_safe

from meetings import access, services
from meetings.limits import client_address
from meetings.models import Knock, Meeting
from meetings.rooms import waiting


@never_cache
@require_safe
def page(request: HttpRequest, code: str) -> HttpResponse:
    """Where a guest waits; it goes on by itself (``state``)."""
    knock = access.knock_of(request.user, request.session, code)
    if knock is None:
        return redirect("room:lobby", code)
    owner = services.name_of(knock.meeting.owner)
    context = {
        "meeting": knock.meeting,
        "knock": knock,
        "name": knock.meeting.title or f"Call with {owner}",
        "state": waiting.state_of(knock),
        "host_is_in": waiting.host_is_in(knock.meeting),
    }
    return render(request, "meetings/waiting.html", context)


@never_cache
@require_POST
def state(request: HttpRequest, code: str) -> HttpResponse:
    """{"state": waiting, in, refused or over; "host": whether one is in}.

    Who was let in takes their seat by it. ``leaving``: the page is being closed.
    404: the link was withdrawn, or nobody waits.
    """
    knock = access.knock_of(request.user, request.session, code)
    if knock is None:
        seat = access.seat_of(request.user, request.session, code)
        if seat is None:
            raise Http404
        return JsonResponse({"state": "in", "host": True})
    now = waiting.state_of(knock)
    if "leaving" in request.POST:
        waiting.leave(knock)
    elif now == "in":
        _take_seat(request, knock)
    else:
        waiting.note(knock)
    return JsonResponse({"state": now, "host": waiting.host_is_in(knock.meeting)})


def _take_seat(request: HttpRequest, knock: Knock) -> None:
    seat = waiting.come_in(knock, request.user, client_address(request))
    if seat:
        access.take_seat(request.session, seat)


@never_cache
@require_GET
@login_required
def knocks(request: HttpRequest, code: str) -> HttpResponse:
    """{"on", "waiting": [{"id", "name"}], "refused": [...]}."""
    meeting = _run_by(request, code)
    return JsonResponse(
        {
            "on": meeting.waiting_room,
            "waiting": list(waiting.at_the_door(meeting).values("id", "name")),
            "refused": list(waiting.refused(meeting).values("id", "name")),
        }
    )


@require_POST
@login_required
def switch(request: HttpRequest, code: str) -> HttpResponse:
    """{"on"}: whether guests wait from now on."""
    meeting = _open(request, code)
    waiting.switch(meeting, request.POST.get("on") == "true")
    return JsonResponse({"on": meeting.waiting_room})


@require_POST
@login_required
def let_in(request: HttpRequest, code: str, knock: int) -> HttpResponse:
    """Let one in, also who was refused before."""
    one = _knock(request, code, knock)
    return JsonResponse({"let_in": waiting.let_in(Knock.objects.filter(pk=one.pk))})


@require_POST
@login_required
def let_all_in(request: HttpRequest, code: str) -> HttpResponse:
    """Let in those whom the host was shown: ``ids``, with commas."""
    shown = [int(n) for n in request.POST.get("ids", "").split(",") if _is_id(n)]
    rows = waiting.at_the_door(_open(request, code)).filter(pk__in=shown)
    return JsonResponse({"let_in": waiting.let_in(rows)})


@require_POST
@login_required
def refuse(request: HttpRequest, code: str, knock: int) -> HttpResponse:
    return JsonResponse({"refused": waiting.refuse(_knock(request, code, knock))})


def _run_by(request: HttpRequest, code: str) -> Meeting:
    meeting = access.get_meeting_for(request.user, code)
    if not meeting.may_be_run_by(request.user):
        raise Http404
    return meeting


def _open(request: HttpRequest, code: str) -> Meeting:
    meeting = _run_by(request, code)
    if not meeting.accepts_people:
        raise Http404
    return meeting


def _knock(request: HttpRequest, code: str, knock: int) -> Knock:
    return get_object_or_404(_open(request, code).knocks, pk=knock)


def _is_id(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) < 19

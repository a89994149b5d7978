"""The way into a room: link, choice, room; and who may invite and end."""

import json
from typing import Any, cast

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.contrib.auth.models import User
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import (
    require_GET,
    require_http_methods,
    require_POST,
    require_safe,
)

from meetings import access, languages, services
from meetings.limits import client_address, limited
from meetings.models import Meeting, Participant
from meetings.rooms.call_server import browser_ice
from meetings.rooms.forms import ChoiceForm, JoinForm, MeetingForm, SpokenLanguageForm


@require_POST
@login_required
def create(request: HttpRequest) -> HttpResponse:
    form = MeetingForm(request.POST)
    title = form.cleaned_data["title"] if form.is_valid() else ""
    meeting = services.create_meeting(cast(User, request.user), title)
    return redirect("room:lobby", meeting.code)


@never_cache
@require_GET
@limited(per_minute=30)
def redeem(request: HttpRequest, token: str) -> HttpResponse:
    """Keep the link in the session and go on to an address without it."""
    link = access.link_from(token)
    if link is None:
        # A forged link never was one; a spent one deserves its reason.
        status = 410 if access.is_signed(token) else 404
        response = render(request, "meetings/link_gone.html", status=status)
    else:
        access.redeem(request.session, link)
        response = redirect("room:lobby", link.meeting.code)
    response.headers["Referrer-Policy"] = "no-referrer"
    return response


@never_cache
@require_safe
def lobby(request: HttpRequest, code: str) -> HttpResponse:
    meeting = access.room_for(request.user, request.session, code)
    if not meeting.accepts_people:
        return _over(request, meeting)
    if access.is_removed(request.user, meeting):
        return _removed(request, meeting)
    seat = _seat(request, meeting)
    form = JoinForm(initial={"name": seat.name if seat else ""})
    return render(request, "meetings/lobby.html", _before(request, meeting, form))


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@limited(per_minute=30)
def join(request: HttpRequest, code: str) -> HttpResponse:
    if request.method != "POST":  # the address typed again, or reloaded
        return redirect("room:lobby", code)
    meeting = access.room_for(request.user, request.session, code)
    if not meeting.accepts_people:
        return _over(request, meeting)
    if access.is_removed(request.user, meeting):
        return _removed(request, meeting)
    known = request.user.is_authenticated
    form = ChoiceForm(request.POST) if known else JoinForm(request.POST)
    if not form.is_valid():
        context = _before(request, meeting, form)
        return render(request, "meetings/lobby.html", context, status=422)
    access.take_seat(request.session, _admit(request, meeting, form))
    return redirect("room:inside", code)


def _admit(request: HttpRequest, meeting: Meeting, form: ChoiceForm) -> Participant:
    """By their account, also who came by a link; others by the name they typed."""
    choice, address = form.cleaned_data["choice"], client_address(request)
    seat = access.seat_of(request.user, request.session, meeting.code)
    if request.user.is_authenticated:
        return services.admit_user(meeting, request.user, choice, address, seat)
    link = access.redeemed_link(request.session, meeting.code)
    link = link or (seat.link if seat else None)
    if link is None:
        raise Http404
    name = form.cleaned_data["name"]
    return services.admit_guest(link, name, choice, address, seat)


@never_cache
@require_safe
def inside(request: HttpRequest, code: str) -> HttpResponse:
    seat = access.seat_of(request.user, request.session, code)
    if seat is None:
        access.room_for(request.user, request.session, code)
        return redirect("room:lobby", code)
    if not seat.meeting.accepts_people:
        return _over(request, seat.meeting)
    context = {
        "meeting": seat.meeting,
        "name": _name(request, seat.meeting),
        "seat": seat,
        "ice_servers": json.dumps(browser_ice()),
        "over_url": _over_url(request, seat.meeting),
        "may_run": seat.meeting.may_be_run_by(request.user),
        "empty_minutes": settings.EMPTY_ROOM_MINUTES,
        "languages": languages.offered(),
        **_notice(seat.meeting),
    }
    return render(request, "meetings/room.html", context)


@require_POST
@limited(per_minute=60)
def consent(request: HttpRequest, code: str) -> HttpResponse:
    """Change one's mind in the room, either way."""
    seat = access.seat_of(request.user, request.session, code)
    form = ChoiceForm(request.POST)
    if seat is None or not seat.meeting.accepts_people:
        raise Http404
    if not form.is_valid():
        return JsonResponse({"error": form.errors["choice"][0]}, status=422)
    choice = form.cleaned_data["choice"]
    services.change_consent(seat, choice, client_address(request))
    return JsonResponse({"choice": choice})


@require_POST
@limited(per_minute=60)
def language(request: HttpRequest, code: str) -> HttpResponse:
    """Say in the room what one speaks."""
    seat = access.seat_of(request.user, request.session, code)
    if seat is None or not seat.meeting.accepts_people:
        raise Http404
    form = SpokenLanguageForm(request.POST, instance=seat)
    if not form.is_valid():
        return JsonResponse({"error": form.errors["language"][0]}, status=422)
    services.change_language(seat)
    return JsonResponse({"language": seat.language})


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


def _over_url(request: HttpRequest, meeting: Meeting) -> str:
    """Where the end of the call leads: the call's page, or word that it is over."""
    name = "call" if _is_colleague(request, meeting) else "room:lobby"
    return reverse(name, args=[meeting.code])


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


def _is_colleague(request: HttpRequest, meeting: Meeting) -> bool:
    """Signed in and allowed to see the meeting: joins by account, not by link."""
    return Meeting.objects.visible_to(request.user).filter(pk=meeting.pk).exists()


def _name(request: HttpRequest, meeting: Meeting) -> str:
    """What a visitor calls the meeting: to guests a call without a title is its host's,
    to colleagues the customers'."""
    if meeting.title or _is_colleague(request, meeting):
        return meeting.name
    return f"Call with {services.name_of(meeting.owner)}"


def _seat(request: HttpRequest, meeting: Meeting) -> Participant | None:
    seat = access.seat_of(request.user, request.session, meeting.code)
    if seat is None and request.user.is_authenticated:
        return meeting.participants.filter(user=request.user).first()
    return seat


def _before(request: HttpRequest, meeting: Meeting, form: ChoiceForm) -> dict[str, Any]:
    known = request.user.is_authenticated
    return {
        "meeting": meeting,
        "name": _name(request, meeting),
        "form": form,
        "colleague": known,
        "user_name": services.name_of(cast(User, request.user)) if known else "",
        "may_run": meeting.may_be_run_by(request.user),
        **_notice(meeting),
    }


def _notice(meeting: Meeting) -> dict[str, Any]:
    """Who records, and how long it is kept: the words people agree to."""
    return {
        "owner": services.name_of(meeting.owner),
        "organisation": settings.ORGANISATION,
        "kept": kept_for(settings.RETENTION_DAYS),
        "contact": services.privacy_contact(meeting),
    }


def kept_for(days: int) -> str:
    """365 -> 1 year, 730 -> 2 years, 90 -> 90 days."""
    years, rest = divmod(days, 365)
    count, unit = (days, "day") if rest or not years else (years, "year")
    return f"{count} {unit}" + ("" if count == 1 else "s")


def _over(request: HttpRequest, meeting: Meeting) -> HttpResponse:
    """A meeting that takes nobody in: its page for those who may see it."""
    if _is_colleague(request, meeting):
        return redirect("call", meeting.code)
    context = {"name": _name(request, meeting), **_notice(meeting)}
    return render(request, "meetings/over.html", context)


def _removed(request: HttpRequest, meeting: Meeting) -> HttpResponse:
    """Whom the host put out, and who can undo it."""
    context = {"name": _name(request, meeting), **_notice(meeting)}
    return render(request, "meetings/removed.html", context, status=403)

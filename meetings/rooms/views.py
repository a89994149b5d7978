"""The way into a room: link, choice, room."""

import json
from typing import Any, cast

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.contrib.auth.models import User
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
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
from meetings.models import Knock, Meeting, Participant
from meetings.rooms import waiting
from meetings.rooms.call_server import browser_ice
from meetings.rooms.forms import ChoiceForm, JoinForm, MeetingForm, SpokenLanguageForm
from meetings.sources.tabs import tab_of
from meetings.sources.views import offered_kinds


@require_POST
@login_required
def create(request: HttpRequest) -> HttpResponse:
    form = MeetingForm(request.POST)
    title = form.cleaned_data["title"] if form.is_valid() else ""
    meeting = services.create_meeting(cast(User, request.user), title)
    page = "room:tab" if request.POST.get("record") == "tab" else "room:lobby"
    return redirect(page, meeting.code)


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
    known = seat or access.knock_of(request.user, request.session, code)
    form = JoinForm(initial={"name": known.name if known else ""})
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
    if knock := _must_knock(request, meeting, form):
        access.note_knock(request.session, knock)
        return redirect("room:waiting", code)
    access.take_seat(request.session, _admit(request, meeting, form))
    return redirect("room:inside", code)


def _must_knock(
    request: HttpRequest, meeting: Meeting, form: ChoiceForm
) -> Knock | None:
    """The knock of who has to be let in first; None: they come in by themselves."""
    old = access.knock_of(request.user, request.session, meeting.code)
    has_seat = access.seat_of(request.user, request.session, meeting.code)
    if has_seat or not waiting.must_wait(meeting, request.user, old):
        return None
    link = access.redeemed_link(request.session, meeting.code)
    link = link or (old.link if old else None)
    if link is None:
        raise Http404
    user, said = request.user, form.cleaned_data
    name = said.get("name") or services.name_of(cast(User, user))
    return waiting.ask(link, user, name, said["choice"], said["text"], old)


def _admit(request: HttpRequest, meeting: Meeting, form: ChoiceForm) -> Participant:
    """By their account, also who came by a link; others by the name they typed."""
    choice, address = form.cleaned_data["choice"], client_address(request)
    text = form.cleaned_data["text"]
    seat = access.seat_of(request.user, request.session, meeting.code)
    if request.user.is_authenticated:
        return services.admit_user(meeting, request.user, choice, address, seat, text)
    link = access.redeemed_link(request.session, meeting.code)
    link = link or (seat.link if seat else None)
    if link is None:
        raise Http404
    name = form.cleaned_data["name"]
    return services.admit_guest(link, name, choice, address, seat, text)


@never_cache
@require_safe
def inside(request: HttpRequest, code: str) -> HttpResponse:
    seat = access.seat_of(request.user, request.session, code)
    if seat is None:
        if access.knock_of(request.user, request.session, code):
            return redirect("room:waiting", code)
        access.room_for(request.user, request.session, code)
        return redirect("room:lobby", code)
    if not seat.meeting.accepts_people:
        return _over(request, seat.meeting)
    context = {
        "meeting": seat.meeting,
        "name": services.called(seat.meeting, request.user),
        "seat": seat,
        "ice_servers": json.dumps(browser_ice()),
        "over_url": _over_url(request, seat.meeting),
        "may_run": seat.meeting.may_be_run_by(request.user),
        "empty_minutes": settings.EMPTY_ROOM_MINUTES,
        "languages": languages.offered(),
        "source_kinds": offered_kinds(),
        "tab": tab_of(request.user, seat.meeting),
        **notice(seat.meeting),
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


def _over_url(request: HttpRequest, meeting: Meeting) -> str:
    """Where the end of the call leads: the call's page, or word that it is over."""
    name = "call" if _is_colleague(request, meeting) else "room:lobby"
    return reverse(name, args=[meeting.code])


def _is_colleague(request: HttpRequest, meeting: Meeting) -> bool:
    """Signed in and allowed to see the meeting: joins by account, not by link."""
    return Meeting.objects.visible_to(request.user).filter(pk=meeting.pk).exists()


def _seat(request: HttpRequest, meeting: Meeting) -> Participant | None:
    seat = access.seat_of(request.user, request.session, meeting.code)
    if seat is None and request.user.is_authenticated:
        return meeting.participants.filter(user=request.user).first()
    return seat


def _before(request: HttpRequest, meeting: Meeting, form: ChoiceForm) -> dict[str, Any]:
    known = request.user.is_authenticated
    return {
        "meeting": meeting,
        "name": services.called(meeting, request.user),
        "form": form,
        "colleague": known,
        "user_name": services.name_of(cast(User, request.user)) if known else "",
        "may_run": meeting.may_be_run_by(request.user),
        "source_kinds": offered_kinds(),
        "inside": services.inside(meeting),
        "waits": _seat(request, meeting) is None
        and waiting.must_wait(meeting, request.user, None),
        **notice(meeting),
    }


def notice(meeting: Meeting) -> dict[str, Any]:
    """Who records, and how long it is kept: the words people agree to."""
    return {
        "owner": services.name_of(meeting.owner),
        "organisation": settings.ORGANISATION,
        "kept": kept_for(settings.RETENTION_DAYS),
        "consent_text": services.consent_text(meeting),
        "may_record_video": settings.RECORD_VIDEO,
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
    context = {"name": services.called(meeting, request.user), **notice(meeting)}
    return render(request, "meetings/over.html", context)


def _removed(request: HttpRequest, meeting: Meeting) -> HttpResponse:
    """Whom the host put out, and who can undo it."""
    context = {"name": services.called(meeting, request.user), **notice(meeting)}
    return render(request, "meetings/removed.html", context, status=403)

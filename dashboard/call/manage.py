"""What the owner does with a call: name it and its people, show it, delete it."""

import structlog
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from dashboard.call.forms import CallForm, PersonForm
from meetings import mail_domains, services
from meetings.access import get_meeting_for
from meetings.events import announce
from meetings.models import Meeting
from meetings.models.names import one_line
from meetings.recordings import retention
from meetings.requests import AuthenticatedRequest
from transcription.corrections.people import about, note_change

BINNED = (
    "“{name}” is deleted. For {days} days it can be brought back, from Deleted calls "
    "in the account menu."
)

log = structlog.get_logger(__name__)


def run_by(request: AuthenticatedRequest, code: str) -> Meeting:
    """A meeting that the visitor runs: 404 who may not see it, 403 who only may."""
    meeting = get_meeting_for(request.user, code)
    if not meeting.may_be_run_by(request.user):
        raise PermissionDenied
    return meeting


def done(request: AuthenticatedRequest, meeting: Meeting) -> HttpResponse:
    """The page learns the rest by its websocket; a plain form goes to the call."""
    if request.headers.get("HX-Request"):
        return HttpResponse(status=204)
    return redirect(meeting)


@login_required
@require_POST
def title(request: AuthenticatedRequest, code: str) -> HttpResponse:
    meeting = run_by(request, code)
    services.rename(meeting, one_line(request.POST.get("title", ""))[:200])
    return done(request, meeting)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def settings(request: AuthenticatedRequest, code: str) -> HttpResponse:
    """The form of a call's settings: a page, or with HX-Request what a dialog shows."""
    meeting = run_by(request, code)
    form = CallForm(request.POST or None, instance=meeting, user=request.user)
    if form.is_valid():
        form.save()
        announce(meeting.pk, {"type": "meeting"})
        return done(request, meeting)
    inside = request.headers.get("HX-Request")
    template = "dashboard/_settings.html" if inside else "dashboard/settings.html"
    status = 422 if request.method == "POST" else 200
    context = {"meeting": meeting, "form": form}
    return render(request, template, context, status=status)


@login_required
@require_POST
def person(request: AuthenticatedRequest, code: str, participant: int) -> HttpResponse:
    """``name=&side=us``: who somebody in the call was; 422 with what is wrong."""
    meeting = run_by(request, code)
    if meeting.accepts_people:
        raise Http404  # people in a room say themselves who they are
    people = meeting.participants.filter(erased_at=None, joined_to=None)
    who = get_object_or_404(people, pk=participant)
    before = about(who)
    form = PersonForm(request.POST, instance=who)
    if not form.is_valid():
        return JsonResponse({"error": form.errors}, status=422)
    form.save()
    mail_domains.file_call(meeting, request.user)
    note_change(who, before, request.user)
    announce(meeting.pk, {"type": "meeting"})
    return done(request, meeting)


@login_required
@require_POST
def delete(request: AuthenticatedRequest, code: str) -> HttpResponse:
    """Into the bin; a room that nobody ever came to goes for good."""
    meeting = run_by(request, code)
    name, is_empty = meeting.name, meeting.state == Meeting.State.OPEN
    if not _is_closed(meeting):
        messages.error(request, f"End “{name}” first: people are in it.")
    elif is_empty:
        erase(request, meeting)
    else:
        retention.put_in_bin(meeting)
        messages.success(request, BINNED.format(name=name, days=retention.BIN_DAYS))
    return redirect("home")


def erase(request: AuthenticatedRequest, meeting: Meeting) -> None:
    """For good, with a sentence about it."""
    name = meeting.name
    if _is_deleted(meeting):
        messages.success(request, f"“{name}” is deleted for good.")
    else:
        told = f"“{name}” could not be deleted whole. Try again, or ask an admin."
        messages.error(request, told)


def _is_closed(meeting: Meeting) -> bool:
    """Whether nobody is in the room, and from here on nobody can come in."""
    waiting = Meeting.objects.filter(pk=meeting.pk, state=Meeting.State.OPEN)
    waiting.update(state=Meeting.State.ENDED)
    meeting.refresh_from_db()
    return not meeting.is_live


def _is_deleted(meeting: Meeting) -> bool:
    try:
        retention.delete(meeting)
    except OSError as error:
        log.error("a call is not deleted", meeting=meeting.code, error=str(error))
        return False
    log.info("a call was deleted", meeting=meeting.code)
    return True

"""Corrections on the page of a call: by whom who runs it, each with its undo."""

import json
import uuid

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_POST, require_safe

from dashboard.call.history import changes_of
from dashboard.call.manage import run_by
from meetings.models import Meeting, Participant
from meetings.models.names import one_line
from meetings.requests import AuthenticatedRequest
from meetings.services import name_of
from transcription.corrections import lines, people, undo
from transcription.models import Correction, Utterance

OVERTAKEN = "{by} changed this line meanwhile. Yours is not saved."
SOMEBODY, MODEL = "Somebody", "The model"
NO_NAME = "Say who it was."
ALREADY = "That is one person already."
LONGEST_NAME = 80


@login_required
@require_POST
def text(request: AuthenticatedRequest, code: str, pk: int) -> HttpResponse:
    """``was=&text=``: what a line says. 409 with {error, theirs} when it does not say
    any more what it was, 422 with {error} when it cannot be that."""
    meeting = _ended(request, code)
    line = get_object_or_404(Utterance, pk=pk, meeting=meeting)
    was, wanted = request.POST.get("was", ""), request.POST.get("text", "")
    try:
        change = lines.write(line, was, wanted, request.user)
    except lines.Overtaken as late:
        return _overtaken(late.line)
    except ValueError as error:
        return _refused(str(error))
    return _changed(change)


@login_required
@require_POST
def said_by(request: AuthenticatedRequest, code: str) -> HttpResponse:
    """``lines=1,2&person=3``, or ``name=&side=`` of somebody new."""
    meeting = _ended(request, code)
    chosen = _numbers(request.POST.get("lines", ""))
    rows = Utterance.objects.filter(meeting=meeting, pk__in=chosen)
    if not rows.exists():
        return _refused("Choose lines first: these are not here any more.")
    if request.POST.get("person"):
        person = _person(meeting, request.POST["person"])
        return _changed(lines.give(meeting, chosen, person, request.user))
    name = one_line(request.POST.get("name", ""))[:LONGEST_NAME]
    side = request.POST.get("side", "")
    if not name or side not in Participant.Side.values:
        return _refused(NO_NAME)
    new = people.newcomer(meeting, name, side)
    return _changed(lines.give(meeting, chosen, new, request.user, is_new=True))


@login_required
@require_POST
def join(request: AuthenticatedRequest, code: str, participant: int) -> HttpResponse:
    """``into=``: this one and that one were the same person, who keeps that name."""
    meeting = _ended(request, code)
    one = _person(meeting, str(participant))
    other = _person(meeting, request.POST.get("into", ""))
    if one == other:
        return _refused(ALREADY)
    try:
        return _changed(people.join(one, other, request.user))
    except people.StillWriting as reason:
        return _refused(str(reason), 409)


@login_required
@require_safe
def history(request: AuthenticatedRequest, code: str) -> HttpResponse:
    """What was changed, the newest first, with what it was before."""
    meeting = run_by(request, code)
    context = {"meeting": meeting, "changes": changes_of(meeting)}
    return render(request, "dashboard/_history.html", context)


@login_required
@require_POST
def take_back(
    request: AuthenticatedRequest, code: str, change: uuid.UUID
) -> HttpResponse:
    """Undo one change, all of it; 409 with {error} when that is not possible."""
    meeting = _ended(request, code)
    get_object_or_404(Correction.objects.filter(meeting=meeting, change=change)[:1])
    try:
        undo.undo(meeting, change, request.user)
    except undo.CannotUndo as reason:
        return _refused(str(reason), 409)
    return JsonResponse({})


def _ended(request: AuthenticatedRequest, code: str) -> Meeting:
    """In a call that goes on, the model writes and people say who they are."""
    meeting = run_by(request, code)
    if meeting.accepts_people:
        raise Http404
    return meeting


def _person(meeting: Meeting, pk: str) -> Participant:
    (number,) = _numbers(pk)[:1] or [-1]
    rows = meeting.participants.filter(erased_at=None, joined_to=None)
    return get_object_or_404(rows, pk=number)


def _numbers(text: str) -> list[int]:
    parts = text.split(",")[: lines.MOST_LINES]
    return [int(part) for part in parts if part.isdecimal() and len(part) < 19]


def _changed(change: uuid.UUID | None) -> JsonResponse:
    """{change}: what ``undo`` takes; nothing to undo where all was so already."""
    return JsonResponse({"change": str(change) if change else ""})


def _overtaken(line: Utterance) -> JsonResponse:
    told = {"error": OVERTAKEN.format(by=_changed_by(line)), "theirs": line.text}
    return JsonResponse(told, status=409)


def _changed_by(line: Utterance) -> str:
    last = line.corrections.filter(kind=Correction.Kind.TEXT).first()
    if last is None:
        return MODEL
    user = last.undone_by if last.undone_at else last.by
    return name_of(user) if user else SOMEBODY


def _refused(sentence: str, status: int = 422) -> HttpResponse:
    body = json.dumps({"error": sentence})
    return HttpResponse(body, status=status, content_type="application/json")

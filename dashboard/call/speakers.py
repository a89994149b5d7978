"""Who spoke in a recording with one track: by a transcript, or by the voices."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from dashboard.call.manage import run_by
from meetings.imports.beside import TRANSCRIPTS
from meetings.models import Job, Meeting
from meetings.requests import AuthenticatedRequest
from transcription.models import SharedTrack
from transcription.speakers import telling
from transcription.speech.speakers.clustering import MOST
from transcription.speech.speakers.cues import MOST_BYTES

COUNTS = [str(n) for n in range(1, MOST + 1)]
NO_FILE = "Choose the transcript first."
COMES = "The names come as soon as they are laid over the words."


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def speakers(request: AuthenticatedRequest, code: str) -> HttpResponse:
    """What is known of who spoke; POST with a file ``transcript`` names people by it,
    422 with what is wrong."""
    meeting = run_by(request, code)
    problem = ""
    if request.method == "POST":
        problem = _take(request, meeting)
        if not problem:
            messages.success(request, COMES)
            return redirect("speakers", code)
    context = {"problem": problem, "meeting": meeting, **_known(meeting)}
    status = 422 if problem else 200
    return render(request, "dashboard/speakers.html", context, status=status)


def _take(request: AuthenticatedRequest, meeting: Meeting) -> str:
    """What is wrong with the file; nothing when it was taken."""
    file = request.FILES.get("transcript")
    if file is None or not file.name:
        return NO_FILE
    try:
        data = file.read(MOST_BYTES + 1)  # one more than is read: too large
        telling.add_transcript(meeting, data, file.name)
    except telling.TranscriptRefused as refused:
        return str(refused)
    return ""


def _known(meeting: Meeting) -> dict[str, Any]:
    shared = None if meeting.accepts_people else telling.shared_track(meeting)
    at_work = meeting.jobs.filter(kind=telling.KIND, state__in=Job.UNFINISHED)
    told = shared.seat.others_heard.filter(joined_to=None) if shared else ()
    return {
        "shared": shared,
        "at_work": at_work.exists(),
        "told_apart": list(told),
        "not_shared": telling.NOT_SHARED,
        "counts": COUNTS,
        "chosen": str(shared.count or "") if shared else "",
        "endings": ",".join(TRANSCRIPTS),
    }


@login_required
@require_POST
def take_back(request: AuthenticatedRequest, code: str) -> HttpResponse:
    """The names of the transcript go; everybody is who they were without it."""
    shared = _shared(run_by(request, code))
    if shared:
        telling.take_transcript_back(shared)
    return redirect("speakers", code)


@login_required
@require_POST
def by_voice(request: AuthenticatedRequest, code: str) -> HttpResponse:
    """``on=1&count=2``: tell people apart by their voices, so many if somebody knows;
    without ``on``, do not."""
    shared = _shared(run_by(request, code))
    told = request.POST.get("count", "")
    count = int(told) if told in COUNTS else None
    if shared:
        telling.tell_by_voice(shared, request.POST.get("on") == "1", count)
    return redirect("speakers", code)


def _shared(meeting: Meeting) -> SharedTrack | None:
    return None if meeting.accepts_people else telling.shared_track(meeting)

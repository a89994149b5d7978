"""The files that players play. Every request passes the gate, each range as well.

The web server in front sends them: it is told where they lie by X-Accel-Redirect.
"""

from pathlib import Path
from urllib.parse import quote

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_safe

from meetings.access import get_meeting_for
from meetings.models import Participant, Recording

PROTECTED = "/protected/"  # what the front knows as the folder of recordings
AUDIO = "audio/webm"  # as meetings.media.egress.composite writes it
DOWNLOADS = {".m4a": "audio/mp4", ".webm": AUDIO}


@require_safe
def mix(request: HttpRequest, code: str) -> HttpResponse:
    """What the player plays; ``?download``: the same for any program."""
    recording = _recording(request, code)
    path = recording.path(recording.mix)
    if "download" in request.GET:
        path = recording.download
    name = recording.meeting.name + path.suffix
    return _serve(request, path, DOWNLOADS[path.suffix], name)


@require_safe
def stem(request: HttpRequest, code: str, participant: int) -> HttpResponse:
    recording = _recording(request, code)
    file = recording.stems.get(str(participant))
    person = Participant.objects.filter(pk=participant, meeting=recording.meeting)
    if file is None or not person:
        raise Http404
    name = f"{recording.meeting.name} - {person[0].name}.webm"
    return _serve(request, recording.path(file), AUDIO, name)


@require_safe
def peaks(request: HttpRequest, code: str) -> HttpResponse:
    """The peaks of all; ``?overview``: of the mix alone, in few figures."""
    recording = _recording(request, code)
    path = recording.path(recording.peaks)
    if "overview" in request.GET:
        path = recording.overview
    return _serve(request, path, "application/json", "peaks.json")


def _recording(request: HttpRequest, code: str) -> Recording:
    meeting = get_meeting_for(request.user, code)
    recording = Recording.objects.filter(meeting=meeting).first()
    if recording is None:
        raise Http404
    recording.meeting = meeting
    return recording


def _serve(
    request: HttpRequest, path: Path, content_type: str, name: str
) -> HttpResponse:
    """Who asks may have the file: the front sends it, or the part that is wanted."""
    if not path.is_file():
        raise Http404
    below = path.relative_to(settings.RECORDINGS_DIR)
    response = HttpResponse(content_type=content_type)
    response["X-Accel-Redirect"] = PROTECTED + quote(str(below))
    disposition = content_disposition_header("download" in request.GET, name)
    response["Content-Disposition"] = disposition or "inline"
    response["Cache-Control"] = "private, no-cache"  # kept, but asked for each time
    response["Content-Security-Policy"] = "sandbox; default-src 'none'"
    response["X-Content-Type-Options"] = "nosniff"
    return response

"""The files that players play. Every request passes the gate, each range as well.

The web server in front sends them: it is told where they lie by X-Accel-Redirect.
"""

from pathlib import Path
from urllib.parse import quote

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_http_methods, require_safe

from meetings import jobs
from meetings.access import get_meeting_for
from meetings.models import Participant, Recording, Track
from meetings.models.names import file_name
from meetings.recordings.downloads import m4a_of

PROTECTED = "/protected/"  # what the front knows as the folder of recordings
AUDIO = "audio/webm"  # as meetings.media.egress.composite writes it
FILM = "video/mp4"
VIDEOS = {".webm": "video/webm", ".mp4": FILM}
DOWNLOADS = {".m4a": "audio/mp4", ".webm": AUDIO}


@require_safe
def mix(request: HttpRequest, code: str) -> HttpResponse:
    """What the player plays; ``?download``: the same for any program."""
    recording = _recording(request, code)
    path = recording.path(recording.mix)
    if "download" in request.GET:
        path = recording.download
    name = file_name(recording.meeting.name, path.suffix)
    return _serve(request, path, DOWNLOADS[path.suffix], name)


@require_safe
def stem(request: HttpRequest, code: str, participant: int) -> HttpResponse:
    """What one person says; ``?tab``: what was played on the screen they shared;
    ``?download``: for any program."""
    recording = _recording(request, code)
    tab = "/tab" if "tab" in request.GET else ""
    file = recording.stems.get(f"{participant}{tab}")
    person = Participant.objects.filter(pk=participant, meeting=recording.meeting)
    if file is None or not person:
        raise Http404
    path = recording.path(file)
    if "download" in request.GET and m4a_of(path).is_file():
        path = m4a_of(path)
    about = f"{person[0].name}, screen" if tab else person[0].name
    name = file_name(f"{recording.meeting.name} - {about}", path.suffix)
    return _serve(request, path, DOWNLOADS[path.suffix], name)


@require_http_methods(["GET", "HEAD", "POST"])
def video(request: HttpRequest, code: str, track: int) -> HttpResponse:
    """A camera or a shared screen, as it was recorded; ``?download``: to keep;
    ``?mp4``: for any program, once it was made. POST has it made."""
    meeting = get_meeting_for(request.user, code)
    shown = Track.objects.pictures().readable().select_related("participant__meeting")
    found = get_object_or_404(shown, pk=track, participant__meeting=meeting)
    about = f"{found.participant.name}, {found.get_source_display().lower()}"
    if request.method == "POST":
        jobs.request("mp4", meeting, track=found.pk)
        return HttpResponse(status=204)
    if "mp4" in request.GET:
        name = file_name(f"{meeting.name} - {about}", ".mp4")
        return _serve(request, found.mp4, FILM, name)
    name = file_name(f"{meeting.name} - {about}", found.path.suffix)
    return _serve(request, found.path, VIDEOS[found.path.suffix], name)


@require_safe
def film(request: HttpRequest, code: str) -> HttpResponse:
    """Everybody and the shared screens in one picture, with the mix; ``?download``: to
    keep."""
    recording = _recording(request, code)
    if not recording.video:
        raise Http404
    name = file_name(recording.meeting.name, ".mp4")
    return _serve(request, recording.path(recording.video), FILM, name)


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

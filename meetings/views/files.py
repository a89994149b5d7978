"""The bytes that players play. Every request passes the gate, each range as well."""

import asyncio
import json
import re
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
    JsonResponse,
    StreamingHttpResponse,
)
from django.utils.http import content_disposition_header, parse_etags
from django.views.decorators.http import require_safe

from meetings.access import get_meeting_for
from meetings.byte_ranges import OutsideFile, wanted
from meetings.models import Participant, Recording

BLOCK = 64 * 1024  # bytes read at once
# Daphne keeps what a slow player has not taken yet; players ask for the rest.
LONGEST_PART = 2 * 1024 * 1024  # bytes of one partial answer
AUDIO = "audio/webm"  # as meetings.media.egress.composite writes it


@require_safe
def mix(request: HttpRequest, code: str) -> HttpResponseBase:
    recording = _recording(request, code)
    name = f"{recording.meeting.name}.webm"
    return _serve(request, recording.path(recording.mix), AUDIO, name)


@require_safe
def stem(request: HttpRequest, code: str, participant: int) -> HttpResponseBase:
    recording = _recording(request, code)
    file = recording.stems.get(str(participant))
    person = Participant.objects.filter(pk=participant, meeting=recording.meeting)
    if file is None or not person:
        raise Http404
    name = f"{recording.meeting.name} - {person[0].name}.webm"
    return _serve(request, recording.path(file), AUDIO, name)


@require_safe
def peaks(request: HttpRequest, code: str) -> HttpResponseBase:
    """The peaks file; ``?points=N``: the mix alone, in at most N figures."""
    recording = _recording(request, code)
    path = recording.path(recording.peaks)
    points = request.GET.get("points", "")
    if not re.fullmatch("[1-9][0-9]{0,4}", points):
        return _serve(request, path, "application/json", "peaks.json")
    try:
        whole = json.loads(path.read_bytes())
    except OSError:
        raise Http404 from None
    mix = fewer(whole["mix"], int(points))
    return JsonResponse({"duration_s": whole["duration_s"], "mix": mix})


def fewer(peaks: Sequence[float], points: int) -> list[float]:
    """``peaks`` in at most ``points`` figures, the loudest of each stretch."""
    if len(peaks) <= points:
        return list(peaks)
    edges = [n * len(peaks) // points for n in range(points + 1)]
    return [max(peaks[a:b]) for a, b in zip(edges, edges[1:], strict=False)]


def _recording(request: HttpRequest, code: str) -> Recording:
    meeting = get_meeting_for(request.user, code)
    recording = Recording.objects.filter(meeting=meeting).first()
    if recording is None:
        raise Http404
    recording.meeting = meeting
    return recording


def _serve(
    request: HttpRequest, path: Path, content_type: str, name: str
) -> HttpResponseBase:
    try:
        facts = path.stat()
    except OSError:
        raise Http404 from None
    etag = f'"{facts.st_mtime_ns:x}-{facts.st_size:x}"'
    if etag in parse_etags(request.headers.get("If-None-Match", "")):
        response: HttpResponseBase = HttpResponse(status=304)
    else:
        response = _answer(request, path, facts.st_size, etag)
        response["Content-Type"] = content_type
        disposition = content_disposition_header("download" in request.GET, name)
        response["Content-Disposition"] = disposition or "inline"
    response["ETag"] = etag
    response["Accept-Ranges"] = "bytes"
    response["Cache-Control"] = "private, no-cache"  # kept, but asked for each time
    response["Content-Security-Policy"] = "sandbox; default-src 'none'"
    response["X-Content-Type-Options"] = "nosniff"
    return response


def _answer(request: HttpRequest, path: Path, size: int, etag: str) -> HttpResponseBase:
    try:
        asked = _range(request, size, etag)
    except OutsideFile:
        response = HttpResponse(status=416)
        response["Content-Range"] = f"bytes */{size}"
        return response
    return _bytes(request, path, asked, size)


def _range(request: HttpRequest, size: int, etag: str) -> range | None:
    """None when the whole file is to be sent: also when If-Range names another."""
    if (request.headers.get("If-Range") or etag) != etag:
        return None
    asked = wanted(request.headers.get("Range") or "", size)
    return asked[:LONGEST_PART] if asked is not None else None


def _bytes(
    request: HttpRequest, path: Path, asked: range | None, size: int
) -> HttpResponseBase:
    part = range(size) if asked is None else asked
    status = 200 if asked is None else 206
    if request.method == "HEAD":
        response: HttpResponseBase = HttpResponse(status=status)
    else:
        response = StreamingHttpResponse(_read(path, part), status=status)
    response["Content-Length"] = str(len(part))
    if asked is not None:
        response["Content-Range"] = f"bytes {part.start}-{part.stop - 1}/{size}"
    return response


async def _read(path: Path, part: range) -> AsyncIterator[bytes]:
    """The bytes of ``part``, never more than a block in memory."""
    with await asyncio.to_thread(path.open, "rb") as file:
        file.seek(part.start)
        left = len(part)
        while left:
            block = await asyncio.to_thread(file.read, min(BLOCK, left))
            if not block:
                return
            left -= len(block)
            yield block

"""What the page of a call fetches once it stands: marks, speech, words in it."""

from collections import defaultdict
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse, JsonResponse
from django.views.decorators.http import require_safe

from dashboard.call.find import hits
from dashboard.call.marks import ROWS, marks_of
from meetings.access import get_meeting_for
from meetings.media.spans import Span, joined
from meetings.requests import AuthenticatedRequest
from transcription.models import Utterance

BREATH_MS = 300  # of silence that is no silence to whoever skips it


@login_required
@require_safe
def marks(request: AuthenticatedRequest, code: str) -> HttpResponse:
    """{rows: [[kind, name], ...], marks: [[kind, ms, label, href], ...]} by time."""
    meeting = get_meeting_for(request.user, code)
    return _fresh(
        {"rows": list(ROWS.items()), "marks": marks_of(meeting, request.user)}
    )


@login_required
@require_safe
def speech(request: AuthenticatedRequest, code: str) -> HttpResponse:
    """{people: [{id, side, spans: [[start_ms, end_ms], ...]}, ...]}: who spoke when."""
    meeting = get_meeting_for(request.user, code)
    spans: dict[int, list[Span]] = defaultdict(list)
    rows = Utterance.objects.filter(meeting=meeting)
    columns = ("participant_id", "voice", "start_ms", "end_ms")
    for person, voice, start, end in rows.values_list(*columns):
        spans[person] += [(a, b) for a, b in voice] or [(start, end)]
    people = [
        {"id": one.pk, "side": one.side, "spans": joined(spans[one.pk], BREATH_MS)}
        for one in meeting.people
    ]
    return _fresh({"people": people})


@login_required
@require_safe
def find(request: AuthenticatedRequest, code: str) -> HttpResponse:
    """``?q=``: {hits: [[person, start_ms, end_ms], ...]} by time."""
    meeting = get_meeting_for(request.user, code)
    return _fresh({"hits": hits(meeting, request.GET.get("q", ""))})


def _fresh(body: dict[str, Any]) -> JsonResponse:
    answer = JsonResponse(body)
    answer["Cache-Control"] = "private, no-store"
    return answer

"""The page of a call: player, transcript, and the pieces that refresh themselves."""

from typing import Any

from django.contrib.auth.decorators import login_required
from django.db.models import prefetch_related_objects
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from dashboard.call import state
from dashboard.call.chat import messages_of
from dashboard.call.lanes import lanes_of
from dashboard.call.manage import done, run_by
from dashboard.call.sentences import why_empty
from dashboard.call.transcript import FIRST_LINES, LINES_PER_PART, lines_of
from dashboard.exports.formats import FORMATS
from dashboard.library.rows import recorded_first
from meetings import jobs
from meetings.access import get_meeting_for
from meetings.models import Job, Meeting, Recording, Track
from meetings.recordings import finishing
from meetings.requests import AuthenticatedRequest
from meetings.services import name_of
from transcription.models import SharedTrack, Utterance

MOST_PARTS = 100_000  # of a transcript: more lines than people say in years
BESIDE = 8  # lines before and behind a part that decide how its first and last stand
MOST_IDS = 600  # lines that are asked for by their ids
SURROUNDINGS_MS = 30_000  # lines this near decide how a changed line stands


@login_required
@require_safe
def call(request: AuthenticatedRequest, code: str) -> HttpResponse:
    meeting = get_meeting_for(request.user, code)
    if meeting.accepts_people:
        return redirect("room:lobby", code)
    rev = state.of_lines(meeting.pk)  # before the lines: a late change is told again
    context = {**_top(request, meeting), **_part(meeting, 0), "rev": rev}
    return render(request, "dashboard/call.html", context)


@login_required
@require_safe
def player(request: AuthenticatedRequest, code: str) -> HttpResponse:
    """All but the lines, after the recording or the facts changed."""
    meeting = get_meeting_for(request.user, code)
    return render(request, "dashboard/_fresh.html", _top(request, meeting))


@login_required
@require_safe
def lines(request: AuthenticatedRequest, code: str) -> HttpResponse:
    """``?part=N``: a stretch of the transcript; ``?ids=1,2``: lines that changed."""
    meeting = get_meeting_for(request.user, code)
    if "part" in request.GET:
        part = _numbers(request.GET["part"])[0]
        if not 0 <= part < MOST_PARTS:
            raise Http404
        return render(request, "dashboard/_part.html", _part(meeting, part))
    wanted = set(_numbers(request.GET.get("ids", "")))
    shown = [line for line in _around(meeting, wanted) if line.row.pk in wanted]
    context = {"meeting": meeting, "lines": shown}
    return render(request, "dashboard/_lines.html", context)


@login_required
@require_POST
def retry(request: AuthenticatedRequest, code: str, job: int) -> HttpResponse:
    meeting = run_by(request, code)
    failed = Job.objects.filter(pk=job, meeting=meeting).first()
    if failed is None:
        raise Http404
    jobs.retry(failed)
    return done(request, meeting)


def _top(request: AuthenticatedRequest, meeting: Meeting) -> dict[str, Any]:
    prefetch_related_objects([meeting], "participants")  # several parts name them
    recording = Recording.objects.filter(meeting=meeting).first()
    duration_ms = recording.duration_ms if recording else meeting.duration_ms
    stems = recording.stems if recording else ()
    lanes = lanes_of(meeting, duration_ms, stems)
    return {
        "meeting": meeting,
        "recording": recording,
        "recording_rev": state.of_recording(meeting.pk),
        "duration_ms": duration_ms,
        "chat": messages_of(meeting),
        "lanes": lanes,
        **why_empty(meeting, lanes),
        "lane_count": len(lanes),
        "pictures": finishing.pictures(meeting),
        "people": recorded_first(meeting.people),
        "owner": name_of(meeting.owner),
        "notes": _notes(meeting),
        "exports": FORMATS,
        "may_run": meeting.may_be_run_by(request.user),
    }


def _notes(meeting: Meeting) -> list[str]:
    """What there is to know of imported files: one ended early, one has more tracks."""
    tracks = Track.objects.filter(participant__meeting=meeting, source="import")
    notes = tracks.exclude(note="").order_by("pk").values_list("note", flat=True)
    shared = SharedTrack.objects.filter(seat__meeting=meeting).exclude(problem="")
    return list(dict.fromkeys([*notes, *shared.values_list("problem", flat=True)]))


def _part(meeting: Meeting, number: int) -> dict[str, Any]:
    """Lines of part ``number``, and when the next part begins if there is one."""
    rows = Utterance.objects.filter(meeting=meeting).select_related("participant")
    first = FIRST_LINES + (number - 1) * LINES_PER_PART if number else 0
    size = LINES_PER_PART if number else FIRST_LINES
    before = min(first, BESIDE)  # lines that may stand beside those of the part
    near = list(rows[first - before : first + size + BESIDE])
    following = near[before + size :]
    return {
        "meeting": meeting,
        "lines": lines_of(near)[before : before + size],
        "part": number,
        "next_part": number + 1 if following else None,
        "next_ms": following[0].start_ms if following else None,
    }


def _around(meeting: Meeting, ids: set[int]) -> list[Any]:
    """The lines ``ids`` with those that may stand beside them."""
    rows = Utterance.objects.filter(meeting=meeting).select_related("participant")
    starts = list(rows.filter(pk__in=ids).values_list("start_ms", flat=True))
    if not starts:
        return []
    near = (min(starts) - SURROUNDINGS_MS, max(starts) + SURROUNDINGS_MS)
    return lines_of(rows.filter(start_ms__range=near))


def _numbers(text: str) -> list[int]:
    """Numbers of an address; nonsense is no number of a line."""
    parts = text.split(",")[:MOST_IDS]
    return [int(part) if part.isdecimal() and len(part) < 19 else -1 for part in parts]

"""The ledger in the page of a call: what the filters took away, and what to do."""

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_POST, require_safe

from dashboard.call.manage import run_by
from dashboard.call.transcript import anchor_of
from meetings.access import get_meeting_for
from meetings.models import Meeting, Participant
from meetings.requests import AuthenticatedRequest
from transcription import ledger
from transcription.models import Phrase, Removal, Utterance

MOST = 2_000  # entries of one answer: a day-long call has fewer unless it is all noise


@login_required
@require_safe
def removals(request: AuthenticatedRequest, code: str) -> HttpResponse:
    """All that was removed and not restored, in order of time."""
    meeting = get_meeting_for(request.user, code)
    rows = Removal.objects.filter(meeting=meeting, restored_at=None)
    rows = rows.select_related("participant")[:MOST]
    return _list(request, meeting, list(rows))


@login_required
@require_POST
def restore(request: AuthenticatedRequest, code: str, pk: int) -> HttpResponse:
    meeting = run_by(request, code)
    removal = get_object_or_404(Removal, pk=pk, meeting=meeting)
    ledger.restore(removal)
    return _list(request, meeting, [removal])


@login_required
@require_POST
def keep(request: AuthenticatedRequest, code: str, pk: int) -> HttpResponse:
    """Never remove this text again, in this language."""
    meeting = _tuned_by(request, code)
    row = get_object_or_404(Removal, pk=pk, meeting=meeting)
    tier = Phrase.Tier.KEEP
    return _teach(row.participant, row.start_ms, row.raw, tier, "is always kept now")


@login_required
@require_POST
def bag(request: AuthenticatedRequest, code: str, pk: int) -> HttpResponse:
    """Remove a line's text from now on where there is little sound to it."""
    meeting = _tuned_by(request, code)
    row = get_object_or_404(Utterance, pk=pk, meeting=meeting)
    tier = Phrase.Tier.AMBIGUOUS
    return _teach(row.participant, row.start_ms, row.text, tier, "is in the bag now")


def _list(
    request: AuthenticatedRequest, meeting: Meeting, rows: list[Removal]
) -> HttpResponse:
    context = {
        "meeting": meeting,
        "removals": [(row, anchor_of(row.start_ms)) for row in rows],
        "may_run": meeting.may_be_run_by(request.user),
    }
    return render(request, "dashboard/_removed.html", context)


def _tuned_by(request: AuthenticatedRequest, code: str) -> Meeting:
    """A meeting that a member of the staff, who tunes for everybody, may see."""
    meeting = get_meeting_for(request.user, code)
    if not request.user.is_staff:
        raise PermissionDenied
    return meeting


def _teach(
    speaker: Participant, at_ms: int, text: str, tier: str, done: str
) -> HttpResponse:
    """A sentence for the page: what was done, or with 400 why not."""
    try:
        phrase = ledger.teach(speaker, at_ms, text, tier)
    except ValidationError as error:
        return _sentence(" ".join(error.messages), 400)
    return _sentence(f"“{phrase}” {done}.")


def _sentence(text: str, status: int = 200) -> HttpResponse:
    return HttpResponse(text, status=status, content_type="text/plain; charset=utf-8")

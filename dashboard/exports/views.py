"""What one takes out of a call: its transcript and its figures, as files."""

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_safe

from dashboard.exports.formats import FORMATS
from meetings.access import get_meeting_for
from meetings.models.names import file_name
from meetings.requests import AuthenticatedRequest


@login_required
@require_safe
def export(request: AuthenticatedRequest, code: str, kind: str) -> HttpResponse:
    """Who may see the call may take it along. 404 for a format that there is not."""
    meeting = get_meeting_for(request.user, code)
    if kind not in FORMATS:
        raise Http404
    wanted = FORMATS[kind]
    answer = HttpResponse(wanted.content(meeting), content_type=wanted.content_type)
    name = file_name(meeting.name, f".{kind}")
    answer["Content-Disposition"] = content_disposition_header(True, name) or ""
    answer["Cache-Control"] = "private, no-store"
    return answer

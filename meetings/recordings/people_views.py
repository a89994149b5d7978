"""What the one who runs a call does with its people afterwards."""

from typing import cast

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.contrib.auth.models import User
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_POST

from meetings import access
from meetings.recordings import erasure

DELETED = "What was kept of {name} is deleted. The recording is mixed anew."


@require_POST
@login_required
def erase(request: HttpRequest, code: str, participant: int) -> HttpResponse:
    """Delete what is kept of a person, and go back to the call with a sentence."""
    meeting = access.get_meeting_for(request.user, code)
    if not meeting.may_be_run_by(request.user):
        raise Http404
    person = get_object_or_404(meeting.participants, pk=participant)
    try:
        erasure.erase(person, cast(User, request.user))
    except erasure.NotNow as reason:
        messages.error(request, str(reason))
    else:
        messages.success(request, DELETED.format(name=person.name))
    return redirect(meeting)

"""Recording a call in another tab: what is said before, and what its page asks for."""

from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from meetings import access
from meetings import services as meetings
from meetings.limits import client_address, limited
from meetings.models import Meeting, Participant
from meetings.requests import AuthenticatedRequest
from meetings.rooms.views import notice
from meetings.sources import services, tabs
from meetings.sources.forms import TabForm
from meetings.sources.views import open_call

TOO_MANY = f"A call has at most {services.MOST} sources. Remove one first."


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
@limited(per_minute=30)
def before(request: AuthenticatedRequest, code: str) -> HttpResponse:
    """Who is on the other side, and that they were told; then into the room."""
    meeting = open_call(request, code)
    form = TabForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            return _begin(request, meeting, form)
        except services.TooMany:
            form.add_error(None, TOO_MANY)
    context = {"meeting": meeting, "form": form, **notice(meeting)}
    status = 422 if form.errors else 200
    return render(request, "meetings/tab.html", context, status=status)


def _begin(
    request: AuthenticatedRequest, meeting: Meeting, form: TabForm
) -> HttpResponse:
    user, address = request.user, client_address(request)
    words = form.cleaned_data
    seat = access.seat_of(user, request.session, meeting.code)
    recorded, text = Participant.Consent.RECORDED, words["text"]
    with transaction.atomic():
        seat = meetings.admit_user(meeting, user, recorded, address, seat, text)
        tabs.begin(meeting, user, words["name"], address)
    access.take_seat(request.session, seat)
    return redirect("room:inside", meeting.code)


@require_POST
@login_required
@limited(per_minute=60)
def token(request: HttpRequest, code: str) -> JsonResponse:
    """{"token"} by which the page sends the tab; 404 once it was stopped."""
    meeting = open_call(request, code)
    person = tabs.tab_of(request.user, meeting)
    if person is None:
        raise Http404
    return JsonResponse({"token": tabs.new_token(person)})

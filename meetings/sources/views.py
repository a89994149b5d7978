"""Sources of a call on its page, for its host: what there is, add, stop, remove."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, JsonResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from meetings import access
from meetings.limits import client_address, limited
from meetings.models import Meeting, Outlet, Source
from meetings.requests import AuthenticatedRequest
from meetings.sources import outlets as ways_out
from meetings.sources import services, srt_address
from meetings.sources.forms import SourceForm
from meetings.sources.running import known_pulls

SENT = {
    Source.Kind.WHIP.value: "WHIP: a program sends (OBS, FFmpeg)",
    Source.Kind.SRT.value: "SRT: an encoder sends (OBS, hardware)",
}
PULLED = {
    Source.Kind.HLS.value: "HLS: a web stream is pulled",
    Source.Kind.SRT.value: "SRT: a broadcast stream is pulled",
}


def offered_kinds() -> list[tuple[str, str, bool]]:
    """What can be added here: kind, name, and whether it is pulled from an address."""
    pulls = known_pulls()
    sent = [(k, v, False) for k, v in SENT.items() if k != Source.Kind.SRT or _called()]
    return sent + [(kind, name, True) for kind, name in PULLED.items() if kind in pulls]


def _called() -> bool:
    return not srt_address.why_not()


@never_cache
@login_required
@require_http_methods(["GET", "POST"])
@limited(per_minute=120)
def sources(request: AuthenticatedRequest, code: str) -> JsonResponse:
    """GET {"sources": [...]}; POST kind=&name=&url= makes one: 201 {"kind", "address",
    "token"} for the program that sends (this once), 422 and 409 {"error"}."""
    meeting = open_call(request, code)
    if request.method == "POST":
        return _add(request, meeting)
    rows = meeting.sources.select_related("participant")
    return JsonResponse({"sources": [_shown(row) for row in rows]})


def _add(request: AuthenticatedRequest, meeting: Meeting) -> JsonResponse:
    form = SourceForm(request.POST)
    kinds = {kind for kind, _, _ in offered_kinds()}
    if not form.is_valid() or form.cleaned_data["kind"] not in kinds:
        reasons = [str(reason) for errors in form.errors.values() for reason in errors]
        return JsonResponse({"error": " ".join(reasons) or "Not here."}, status=422)
    words = form.cleaned_data
    try:
        added = services.add(
            meeting,
            request.user,
            words["kind"],
            words["name"],
            words["url"],
            address=client_address(request),
            text=words["text"],
        )
    except services.TooMany:
        text = f"A call has at most {services.MOST} sources. Remove one first."
        return JsonResponse({"error": text}, status=409)
    source = added.source
    address = "" if source.is_pulled else services.address_of(source)
    told = {"kind": source.kind, "address": address, "token": added.token}
    return JsonResponse({"source": source.pk, **told}, status=201)


def _shown(row: Source) -> dict[str, Any]:
    """As the page has it: never its address or token."""
    return {
        "id": row.pk,
        "name": row.name,
        "kind": row.get_kind_display(),
        "state": row.state,
        "label": row.get_state_display() if row.wanted else "Stopped",
        "reason": row.reason,
        "stopped": not row.wanted or row.participant.removed_at is not None,
    }


def _change(change: Callable[[Source], None]) -> Any:
    @require_POST
    @login_required
    def view(request: HttpRequest, code: str, source: int) -> JsonResponse:
        meeting = open_call(request, code)
        rows = meeting.sources.select_related("participant__meeting", "meeting")
        change(get_object_or_404(rows, pk=source))
        return JsonResponse({"source": source})

    return view


stop, start, remove = map(_change, (services.stop, services.start, services.remove))


# -- ways out


@never_cache
@login_required
@require_http_methods(["GET", "POST"])
@limited(per_minute=120)
def outlets(request: AuthenticatedRequest, code: str) -> JsonResponse:
    """GET {"outlets": [...]} with addresses and tokens, for the host alone; POST kind=
    makes one: 201, 422 and 409 {"error"}."""
    meeting = open_call(request, code)
    if request.method == "GET":
        rows = meeting.outlets.select_related("meeting")
        return JsonResponse({"outlets": [_outlet(row) for row in rows]})
    kind = request.POST.get("kind", "")
    if kind not in Outlet.Kind.values:
        return JsonResponse({"error": "Not here."}, status=422)
    try:
        made = ways_out.make(meeting, request.user, kind)
    except ways_out.TooManyAddresses:
        text = f"A call has at most {ways_out.MOST} addresses. Take one back first."
        return JsonResponse({"error": text}, status=409)
    return JsonResponse(_outlet(made), status=201)


def _outlet(row: Outlet) -> dict[str, Any]:
    return {
        "id": str(row.pk),
        "kind": row.kind,
        "address": ways_out.address_of(row),
        "token": ways_out.token_of(row),
        "playing": row.playing,
    }


@require_POST
@login_required
def take_back(request: HttpRequest, code: str, outlet: UUID) -> JsonResponse:
    meeting = open_call(request, code)
    rows = meeting.outlets.select_related("meeting")
    ways_out.take_back(get_object_or_404(rows, pk=outlet))
    return JsonResponse({"outlet": str(outlet)})


def open_call(request: HttpRequest, code: str) -> Meeting:
    """A call that the visitor runs and that takes people, or 404."""
    meeting = access.get_meeting_for(request.user, code)
    if not (meeting.may_be_run_by(request.user) and meeting.accepts_people):
        raise Http404
    return meeting

"""What is missing of the one who asks, and the sound that their browser kept of it.

The seat says who it is: nobody can hand in sound of somebody else.
"""

from collections.abc import Callable

import structlog
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.http import require_http_methods

from meetings import access
from meetings.limits import limited
from meetings.media.errors import NotKeptSound
from meetings.media.ingress.kept_sound import MAX_BYTES, read_slice
from meetings.models import Participant
from meetings.recordings import kept_sound
from meetings.recordings.kept_sound import NotTaken
from meetings.sources.tabs import tab_of

log = structlog.get_logger(__name__)

Who = Callable[[HttpRequest, str], Participant]  # raises NotTaken

SLICE_TYPE = "application/octet-stream"


@require_http_methods(["GET", "POST"])
@limited(per_minute=300)  # a whole office comes back at once, by one address
def sound(request: HttpRequest, code: str) -> HttpResponse:
    """GET: {"participant", "missing": [[start_ms, end_ms]], "settled_ms": until when
    all is known}. POST takes a slice, and answers the same as of then."""
    return _answer(request, code, _person)


@require_http_methods(["GET", "POST"])
@limited(per_minute=300)
def tab_sound(request: HttpRequest, code: str) -> HttpResponse:
    """As ``sound``, of the tab that the one who asks records."""
    return _answer(request, code, _tab)


def _answer(request: HttpRequest, code: str, who: Who) -> HttpResponse:
    try:
        person = who(request, code)
        if request.method == "POST":
            kept_sound.hand_in(person, read_slice(_body(request)))
    except NotKeptSound as why:
        return refusal(why.code, why.http_status, why.detail)
    except NotTaken as why:
        return refusal(why.code, why.status, str(why))
    except OSError as error:  # the browser keeps it, and comes again
        log.error("sound that was handed in is not written", code=code, why=str(error))
        return refusal("not_written", 507, "The server could not write it.")
    return _standing(person)


def _person(request: HttpRequest, code: str) -> Participant:
    person = access.seat_of(request.user, request.session, code)
    if person is None:
        raise NotTaken("no_seat", 404, "You have no seat in this call.")
    kept_sound.check(person)
    return person


def _tab(request: HttpRequest, code: str) -> Participant:
    seat = access.seat_of(request.user, request.session, code)
    person = tab_of(request.user, seat.meeting) if seat else None
    if person is None:
        raise NotTaken("no_seat", 404, "You record no tab in this call.")
    kept_sound.check(person)
    return person


def _body(request: HttpRequest) -> bytes:
    """Not more of it than a slice may have. Raises NotTaken."""
    if request.content_type != SLICE_TYPE:
        raise NotTaken("bad_type", 415, f"A slice is sent as {SLICE_TYPE}.")
    data = request.read(MAX_BYTES + 1)
    if len(data) > MAX_BYTES:
        raise NotTaken("too_large", 413, f"A slice has {MAX_BYTES} bytes at most.")
    return bytes(data)


def _standing(person: Participant) -> JsonResponse:
    spans, known = kept_sound.missing_of(person)
    return JsonResponse(
        {"participant": person.pk, "missing": spans, "settled_ms": known}
    )


def refusal(code: str, status: int, message: str) -> JsonResponse:
    """Why not, for scripts and for people."""
    return JsonResponse({"error": {"code": code, "message": message}}, status=status)

"""Lines that are true for everybody, under the bar of every page."""

from typing import Any

from django.http import HttpRequest
from redis.exceptions import RedisError

from meetings.rooms import nodes
from transcription.serving import sentences

NO_CALLS = "No call can start at the moment. An admin finds the reason in the log."


def banners(request: HttpRequest) -> dict[str, Any]:
    """Context of base.html: ``banners`` is a list of sentences."""
    if not getattr(request, "user", None) or not request.user.is_authenticated:
        return {"banners": []}
    note = _note(bool(getattr(request.user, "is_staff", False)))
    return {"banners": [note] if note else []}


def _note(for_staff: bool) -> str:
    """Who can change it is told how captions are written; all, that there are none."""
    try:
        model = nodes.best("model")
    except RedisError:
        return NO_CALLS
    if not model:
        return NO_CALLS
    return sentences.banner(model) if for_staff else sentences.no_captions(model)

"""Lines under the bar: what is true for everybody, and what a reader has to know."""

from typing import Any, cast

from django.contrib.auth.models import User
from django.http import HttpRequest
from redis.exceptions import RedisError

from config import accounts
from meetings.rooms import nodes
from transcription.serving import sentences

NO_TEAM = (
    "You are in no team yet: you see the calls that you hold or join. "
    "An admin can add you to one."
)
NO_CALLS = "No call can start at the moment. An admin finds the reason in the log."


def banners(request: HttpRequest) -> dict[str, Any]:
    """Context of base.html: ``banners`` is a list of sentences."""
    if not getattr(request, "user", None) or not request.user.is_authenticated:
        return {"banners": []}
    notes = (_note(request.user.is_staff), _of_teams(request))
    return {"banners": [note for note in notes if note]}


def _of_teams(request: HttpRequest) -> str:
    """On the list of meetings, where calls of others are missed."""
    match = request.resolver_match
    if match is None or match.url_name != "home":
        return ""
    user = cast(User, request.user)
    if user.is_superuser:
        count = accounts.without_team().count()
        who = "1 colleague is" if count == 1 else f"{count} colleagues are"
        text = f"{who} in no team: they see only calls that they hold or join."
        return f"{text} Teams are chosen in the admin, at Users." if count else ""
    return "" if user.groups.exists() else NO_TEAM


def _note(for_staff: bool) -> str:
    """Who can change it is told how captions are written; all, that there are none."""
    try:
        model = nodes.best("model")
    except RedisError:
        return NO_CALLS
    if not model:
        return NO_CALLS
    return sentences.banner(model) if for_staff else sentences.no_captions(model)

"""Which calls an export is of."""

from django.contrib.auth import get_user_model
from django.db.models import Q, QuerySet

from dashboard.models import Export
from dashboard.search import Asker, found_calls, parse
from meetings.models import Meeting


def wanted(export: Export) -> QuerySet[Meeting]:
    """The calls that were asked for and that their taker may see now, the newest
    first; a call that goes on is none yet."""
    user = get_user_model().objects.get(pk=export.by_id)
    seen = Meeting.objects.visible_to(user).filter(state=Meeting.State.ENDED)
    if export.scope == Export.Scope.SEARCH:
        seen = seen.filter(pk__in=found_calls(Asker(user), parse(export.query)))
    narrowed = {
        Export.Scope.CALL: Q(pk=export.meeting_id),
        Export.Scope.MINE: Q(owner=user),
    }
    chosen = seen.filter(narrowed.get(Export.Scope(export.scope), Q()))
    return chosen.order_by("-started_at", "-pk")


def still_seen(export: Export) -> bool:
    """Whether its taker may still see every call that is in the file."""
    user = get_user_model().objects.get(pk=export.by_id)
    seen = Meeting.objects.visible_to(user).order_by().values("pk")
    return not export.packed.exclude(pk__in=seen).exists()

"""Words of calls that go on: the search knows them a quarter of a minute later.

Trackers, figures and the strip of a row come with the index after the end.
"""

from typing import Any

from django.db import transaction
from django.db.models import Max, QuerySet

from dashboard.models import Turn
from meetings.models import Meeting
from transcription.models import Utterance

from .index import lines_of, write

MAY_GO_ON = 20  # turns from the last one back: one of them may have grown


def follow() -> int:
    """Index what was said since last time; in how many calls."""
    running = Meeting.objects.filter(state=Meeting.State.LIVE)
    return sum(_follow(pk) for pk in running.values_list("pk", flat=True))


@transaction.atomic
def _follow(pk: int) -> bool:
    # held, so that it does not end meanwhile: then its turns are made anew
    held = Meeting.objects.select_for_update(no_key=True)
    meeting = held.filter(pk=pk, state=Meeting.State.LIVE).first()
    if meeting is None:
        return False
    turns = Turn.objects.filter(meeting=meeting)
    if _end(turns) == _end(Utterance.objects.filter(meeting=meeting)):
        return False
    starts = turns.order_by("-start_ms").values_list("start_ms", flat=True)
    since = min(starts[:MAY_GO_ON], default=0)
    turns.filter(start_ms__gte=since).delete()
    indexed: dict[int, int] = dict(
        turns.filter(end_ms__gt=since)
        .values("participant")
        .annotate(until=Max("end_ms"))
        .values_list("participant", "until")
    )
    lines = lines_of(meeting, since)
    write(meeting, (a for a in lines if a.start_ms >= indexed.get(a.participant, 0)))
    return True


def _end(rows: QuerySet[Any]) -> int | None:
    end: int | None = rows.aggregate(end=Max("end_ms"))["end"]
    return end

"""Trackers that rose: what comes up more often in the last calls than it did before."""

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

from django.contrib.auth.models import AbstractBaseUser, AnonymousUser
from django.db.models import Count, QuerySet

from dashboard.accounts.before import CALLS, OpenLine
from dashboard.call.transcript import anchor_of
from dashboard.models import Hit
from meetings.models import Meeting
from meetings.times import clock

EARLIER = 12  # calls before the last ones that they are compared with
FEWEST = 2  # hits in the last calls: one is chance
RISE = 1.5  # times as often a call as before
SHOWN = 5


@dataclass(frozen=True)
class Risen:
    """``lately`` and ``before``: hits a call. ``newest`` plays the last one."""

    name: str
    lately: float
    before: float
    newest: OpenLine


def risen(
    calls: list[Meeting], reader: AbstractBaseUser | AnonymousUser
) -> list[Risen]:
    """Of trackers that ``reader`` may see, in calls newest first, the steepest first.
    None without calls before the last ones. Two queries."""
    last, earlier = calls[:CALLS], calls[CALLS : CALLS + EARLIER]
    if not earlier:
        return []
    hits = Hit.objects.visible_to(reader).filter(meeting__in=[*last, *earlier])
    rose = dict(_steepest(_counts(hits), last, earlier))
    newest = _newest(hits.filter(search__in=rose), last)
    return [
        Risen(newest[pk].search.name, *rose[pk], _line(newest[pk]))
        for pk in rose
        if pk in newest
    ]


def _counts(hits: QuerySet[Hit]) -> dict[int, Counter[int]]:
    """tracker -> call -> hits."""
    counts: dict[int, Counter[int]] = defaultdict(Counter)
    rows = hits.order_by().values_list("search_id", "meeting_id").annotate(Count("pk"))
    for search, meeting, count in rows:
        counts[search][meeting] = count
    return counts


def _steepest(
    counts: Mapping[int, Counter[int]], last: list[Meeting], earlier: list[Meeting]
) -> list[tuple[int, tuple[float, float]]]:
    """(tracker, (lately, before)) of those that rose."""
    rose = []
    for search, by_call in counts.items():
        hits = sum(by_call[call.pk] for call in last)
        lately = hits / len(last)
        before = sum(by_call[call.pk] for call in earlier) / len(earlier)
        if hits >= FEWEST and lately >= RISE * before:
            rose.append((search, (lately, before)))
    return sorted(rose, key=lambda one: one[1][1] - one[1][0])[:SHOWN]


def _newest(hits: QuerySet[Hit], last: list[Meeting]) -> dict[int, Hit]:
    """The last hit of each tracker in the newest call that has one."""
    age = {call.pk: n for n, call in enumerate(last)}
    found: dict[int, Hit] = {}
    rows = hits.filter(meeting__in=last).order_by("start_ms", "pk")
    for hit in rows.select_related("search", "meeting", "participant", "turn"):
        older = found.get(hit.search_id)
        if older is None or age[hit.meeting_id] <= age[older.meeting_id]:
            found[hit.search_id] = hit
    return found


def _line(hit: Hit) -> OpenLine:
    assert hit.turn, "hits without a turn are seen by nobody"
    address = f"{hit.meeting.get_absolute_url()}{anchor_of(hit.start_ms)}"
    words = hit.turn.text[hit.begin : hit.end]
    return OpenLine(address, clock(hit.start_ms), hit.participant.name, words)

"""Hits as rows: of one call for all trackers, and of one tracker for one call."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Min, QuerySet
from django.utils import timezone

from dashboard.models import Hit, SavedSearch
from meetings.models import Meeting

from . import call_text
from .finding import Finder, Found, PhraseFinder
from .queries import by_figures, finder_of
from .wanted import read

RECENT = timedelta(days=14)  # a hit in an older call is no news
BATCH = 500


@transaction.atomic
def rerun(meeting: Meeting) -> int:
    """Look through a call for all trackers, after its turns were made anew; how many
    hits it has. In the same transaction: a reader sees the old ones until then."""
    _hold(meeting)
    return _look(meeting, list(_tracked()), Hit.objects.filter(meeting=meeting))


@transaction.atomic
def rerun_by_figures(meeting: Meeting) -> int:
    """The same for trackers that ask for figures, after those were made anew."""
    _hold(meeting)
    typed = [search for search in _tracked().exclude(query="") if by_figures(search)]
    old = Hit.objects.filter(meeting=meeting, search__in=typed)
    return _look(meeting, typed, old)


def _tracked() -> QuerySet[SavedSearch]:
    return SavedSearch.objects.tracked().select_related("owner")


def _look(meeting: Meeting, searches: Sequence[SavedSearch], old: QuerySet[Hit]) -> int:
    since = _found_before(meeting)
    old.delete()
    if not searches:
        return 0
    call = call_text.of(meeting)
    first = _first_seen(meeting)
    by_form_first = sorted(searches, key=lambda search: bool(search.query))
    return sum(
        _write(
            search,
            meeting,
            finder_for(search).find(call),
            since.get(search.pk, first),
        )
        for search in by_form_first  # tracker: in a query asks for hits of others
    )


@transaction.atomic
def replace(search: SavedSearch, finder: Finder, meeting: Meeting) -> bool:
    """Look through a call that was held before for one tracker; False when ``search``
    is not what its row says any more. What is found so is no news."""
    _hold(meeting)
    same = SavedSearch.objects.tracked().filter(pk=search.pk, version=search.version)
    if not same.exists():
        return False
    since = _found_before(meeting)
    Hit.objects.filter(meeting=meeting, search=search).delete()
    found = finder.find(call_text.of(meeting))
    _write(search, meeting, found, since.get(search.pk, meeting.date))
    return True


def finder_for(search: SavedSearch) -> Finder:
    """What a row looks for, compiled; what is typed is read for its owner."""
    if search.query:
        return finder_of(search.query, search.owner)
    return PhraseFinder(read(search.form))


def _hold(meeting: Meeting) -> None:
    """One at a time writes hits of a call, and reads the trackers only then: who saves
    a tracker meanwhile is seen by this one, or replaces what this one wrote."""
    list(Meeting.objects.select_for_update().filter(pk=meeting.pk).values_list("pk"))


def _found_before(meeting: Meeting) -> dict[int, datetime]:
    """Since when trackers have hits in this call: what is heard again is no news."""
    rows = Hit.objects.filter(meeting=meeting).order_by().values("search")
    return dict(rows.annotate(since=Min("found_at")).values_list("search", "since"))


def _first_seen(meeting: Meeting) -> datetime:
    """Now; of a call of long ago, whenever it came here, its own day."""
    now = timezone.now()
    return now if now - meeting.date < RECENT else meeting.date


def _write(
    search: SavedSearch, meeting: Meeting, found: Iterable[Found], found_at: datetime
) -> int:
    rows = _rows(search, meeting, found, found_at)
    return len(Hit.objects.bulk_create(rows, batch_size=BATCH))


def _rows(
    search: SavedSearch, meeting: Meeting, found: Iterable[Found], found_at: datetime
) -> Iterator[Hit]:
    for hit in found:
        yield Hit(
            search=search,
            version=search.version,
            meeting=meeting,
            participant_id=hit.turn.participant,
            turn_id=hit.turn.pk,
            begin=hit.begin,
            end=hit.end,
            start_ms=hit.start_ms,
            end_ms=hit.end_ms,
            side=hit.turn.side,
            found_at=found_at,
        )

"""Run a query for a person: quotes, call by call, from what this person may see."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from django.core.paginator import Page, Paginator
from django.db.models import Count, Prefetch, Q, QuerySet, Window
from django.db.models.functions import Coalesce, RowNumber
from django.urls import reverse

from dashboard.models import IndexedTurn, Turn
from meetings.models import Meeting, Participant

from .asker import Asker
from .facts import accounts_named, of_call
from .keys import KEYS
from .labels import labelled
from .neighbours import Neighbours, with_neighbours
from .newest import in_order, newest_calls
from .parsing import parse
from .query import Filter, Query, QueryPhrase, speaks_of_turns
from .quotes import QuotePart, matches, quote, time_of
from .reader import asked, found_calls, found_turns

PER_PAGE = 20  # calls
MOST = 1_000  # calls that are counted, and that one can page to
SHOWN = 3  # quotes of a call
SHOWN_OF_ONE = 300  # quotes of a call that was asked for by its id
NAMED = 5  # calls above the quotes that are called so
LEAD_MS = 1_000  # a quote plays from so long before the word that matched


@dataclass(frozen=True)
class Quote:
    """A turn that matches: who said it, when, the words around the match, and what was
    said before and after."""

    meeting: Meeting
    turn: Turn
    at_ms: int
    pieces: list[QuotePart]
    beside: Neighbours = Neighbours()

    @property
    def speaker(self) -> Participant:
        return self.turn.participant

    @property
    def url(self) -> str:
        seconds = f"{self.at_ms / 1000:.1f}"
        return f"{reverse('call', args=[self.meeting.code])}#t={seconds}"

    @property
    def from_ms(self) -> int:
        return max(0, self.turn.start_ms, self.at_ms - LEAD_MS)


@dataclass(frozen=True)
class FoundCall:
    """A call, its first quotes, and how many more there are in it."""

    meeting: Meeting
    query: Query
    quotes: Sequence[Quote]
    more: int

    @property
    def more_url(self) -> str:
        """All quotes of this call."""
        query = f"{self.query} id:{self.meeting.code}"
        return f"{reverse('home')}?{urlencode({'q': query})}"

    @property
    def sound(self) -> str:
        """Address of what plays in place; empty until there is sound."""
        if not hasattr(self.meeting, "recording"):
            return ""
        return reverse("mix", args=[self.meeting.code])


@dataclass(frozen=True)
class Results:
    """A page of calls; ``is_more``: than the MOST calls that are counted."""

    query: Query
    page: "Page[int]"
    found: Sequence[FoundCall] = ()
    named: Sequence[Meeting] = ()
    is_more: bool = False

    @property
    def count(self) -> int:
        """Calls; at most MOST."""
        return self.page.paginator.count

    @property
    def quotes(self) -> list[Quote]:
        return [quote for call in self.found for quote in call.quotes]


def find(asker: Asker, text: str, page: str | int = 1) -> Results:
    """Calls with turns that ``asker`` may see and ``text`` asks for, newest call first.

    ``page`` is a number from 1 as typed in an address; nonsense means the nearest.
    """
    query = parse(text)
    ids = _newest_first(asker, query)
    shown = Paginator(ids[:MOST], PER_PAGE).get_page(page)
    found = _with_quotes(asker, query, list(shown))
    most = NAMED if found else PER_PAGE
    named = list(called(asker, query)[:most]) if shown.number == 1 else []
    return Results(query, shown, found, named, len(ids) > MOST)


def newest_turns(asker: Asker, text: str, most: int) -> list[Turn]:
    """The first ``most`` turns that ``find`` would show, of the newest calls first."""
    query = parse(text)
    if not query.finds_turns:
        return []
    rows = found_turns(asker, query).select_related("meeting", "participant")
    began = Coalesce("meeting__started_at", "meeting__created_at")
    return list(rows.order_by(began.desc(), "-meeting", "start_ms", "pk")[:most])


def _newest_first(asker: Asker, query: Query) -> list[int]:
    """Ids of the calls: what matches is looked up once, to count and to page."""
    if not query.finds_turns:
        return []
    return newest_calls(asker, query, MOST + 1)


def called(asker: Asker, query: Query) -> "QuerySet[Meeting]":
    """Calls with all words of ``query`` in their title, their people or their account,
    and with what it says of calls; none where it asks for more than words."""
    terms = [term for group in query.groups for term in group.terms]
    words = [term for term in terms if isinstance(term, QueryPhrase)]
    others = [term for term in terms if not isinstance(term, QueryPhrase)]
    if not words or any(map(speaks_of_turns, others)):
        return Meeting.objects.none()
    plain = Query(tuple(g for g in query.groups if not g.finds_turns))
    found = found_calls(asker, plain)
    accounts = accounts_named(str(word).strip('"') for word in words)
    for word, meant in zip(words, accounts, strict=True):
        labels = labelled(word).values("meeting")
        found = found.filter(Q(pk__in=labels) | Q(account__in=meant))
    for term in others:
        if isinstance(term, Filter) and not KEYS[term.key].about_turn:
            found = found.filter(of_call(term, asker, of_owner=False))
    return in_order(_with_people(found))


def _with_quotes(asker: Asker, query: Query, ids: Sequence[int]) -> list[FoundCall]:
    """Calls with the turns that answer; few statements, however many calls."""
    if not ids:
        return []
    meetings = _with_people(Meeting.objects.select_related("recording")).in_bulk(ids)
    people = {p.pk: p for call in meetings.values() for p in call.participants.all()}
    limit = SHOWN_OF_ONE if len(ids) == 1 else SHOWN
    first = _first_turns(asker, query, ids, limit)
    turns = with_neighbours(first, people)
    quotes: dict[int, list[Quote]] = defaultdict(list)
    counts: dict[int, int] = {}
    for turn, beside in (turns[pk] for pk in first if pk in turns):
        meeting = meetings[turn.meeting_id]
        quotes[meeting.pk].append(_quote(meeting, turn, query, beside))
        counts[meeting.pk] = first[turn.pk]
    return [
        FoundCall(meetings[pk], query, quotes[pk], counts.get(pk, 0) - len(quotes[pk]))
        for pk in ids
        if pk in meetings
    ]


def _with_people(meetings: "QuerySet[Meeting]") -> "QuerySet[Meeting]":
    """With what the page shows of the people of each, and its account."""
    people = Participant.objects.only(
        "meeting", "name", "side", "colour", "joined_to", "heard_on"
    )
    rows = meetings.select_related("account")
    return rows.prefetch_related(Prefetch("participants", people))


def _first_turns(
    asker: Asker, query: Query, ids: Sequence[int], limit: int
) -> dict[int, int]:
    """Ids of the first ``limit`` turns of each call that answer, in order, each with
    how many do in its call."""
    order = ["start_ms", "pk"]
    rows = IndexedTurn.objects.filter(
        asked(asker, query, of_few=True), meeting__in=ids
    ).annotate(
        place=Window(RowNumber(), partition_by="meeting", order_by=order),
        of=Window(Count("pk"), partition_by="meeting"),
    )
    first = rows.filter(place__lte=limit).order_by("place").values_list("pk", "of")
    return dict(first)


def _quote(meeting: Meeting, turn: Turn, query: Query, beside: Neighbours) -> Quote:
    spans = matches(turn.text, query.phrases)
    at_ms = time_of(turn.words, spans[0][0]) if spans else turn.start_ms
    return Quote(meeting, turn, at_ms, quote(turn.text, spans), beside)

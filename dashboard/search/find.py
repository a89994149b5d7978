"""Run a query for a person: quotes from meetings that this person may see."""

from dataclasses import dataclass, field

from django.contrib.auth.models import AbstractBaseUser, AnonymousUser
from django.core.paginator import Page, Paginator
from django.db import connection
from django.db.models import QuerySet
from django.urls import reverse

from dashboard.models import Turn
from meetings.models import Meeting, Participant

from .backends import matching_turns
from .query import Query, parse
from .quotes import QuotePart, matches, quote, time_of

PER_PAGE = 20


@dataclass(frozen=True)
class Quote:
    """A turn that matches: who said it, when, and the words around the match."""

    meeting: Meeting
    speaker: Participant
    at_ms: int
    pieces: list[QuotePart]

    @property
    def url(self) -> str:
        seconds = f"{self.at_ms / 1000:.1f}"
        return f"{reverse('call', args=[self.meeting.code])}#t={seconds}"


@dataclass(frozen=True)
class Results:
    query: Query
    page: "Page[Turn]"
    quotes: list[Quote] = field(default_factory=list)

    @property
    def count(self) -> int:
        return self.page.paginator.count


def find(user: AbstractBaseUser | AnonymousUser, text: str, page: str | int) -> Results:
    """Turns that ``user`` may see and that match ``text``, newest meeting first.

    ``page`` is a number from 1 as typed in an address; nonsense means the nearest.
    """
    query = parse(text)
    found = Paginator(turns(user, query), PER_PAGE).get_page(page)
    return Results(query, found, [_quote(turn, query) for turn in found])


def turns(user: AbstractBaseUser | AnonymousUser, query: Query) -> "QuerySet[Turn]":
    """The gate is part of the statement: what may not be seen is never counted."""
    if not query.terms:
        return Turn.objects.none()
    return (
        Turn.objects.filter(meeting__in=Meeting.objects.visible_to(user).order_by())
        .filter(pk__in=matching_turns(query, connection.vendor))
        .select_related("meeting", "participant")
        .prefetch_related("meeting__participants")  # who an untitled call was with
        .order_by("-meeting__created_at", "start_ms", "pk")
    )


def _quote(turn: Turn, query: Query) -> Quote:
    spans = matches(turn.text, query)
    at_ms = time_of(turn.words, spans[0][0]) if spans else turn.start_ms
    return Quote(turn.meeting, turn.participant, at_ms, quote(turn.text, spans))

"""Hits as pages show them: the words around them, and the second that they play."""

from collections.abc import Callable, Container, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import groupby, islice
from operator import itemgetter
from typing import TypeVar

from django.contrib.auth.models import AbstractBaseUser, AnonymousUser
from django.db.models import QuerySet, prefetch_related_objects
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils import timezone

from dashboard.call.transcript import anchor_of
from dashboard.models import Hit
from dashboard.search.quotes import QuotePart, quote
from meetings.models import Meeting, Participant

from . import call_text
from .backfill import worth_a_look
from .finding import Finder, Found

PREVIEW_DAYS = 30
PREVIEW_HITS = 200
SLICE = 50  # calls that are looked through at a time
TOGETHER = 120  # characters of a turn, whose hits one quote shows

Place = TypeVar("Place", Hit, Found)


@dataclass(frozen=True)
class ShownHit:
    """A hit with the words around it, of a call that the reader may see. Hits that
    stand near each other in one turn are shown as one, each marked."""

    meeting: Meeting
    speaker: Participant
    at_ms: int
    pieces: Sequence[QuotePart]
    is_new: bool = False

    @property
    def anchor(self) -> str:
        return anchor_of(self.at_ms)

    @property
    def url(self) -> str:
        return f"{reverse('call', args=[self.meeting.code])}{self.anchor}"


def shown(hits: Iterable[Hit], new: Container[int] = ()) -> list[ShownHit]:
    """Rows whose meeting, participant and turn are there, in their order; ``new``:
    keys of those that the reader has not seen."""
    there = [hit for hit in hits if hit.turn]
    return [_shown(near, new) for near in _near(there, lambda hit: hit.turn_id)]


def _shown(near: Sequence[Hit], new: Container[int]) -> ShownHit:
    first = near[0]
    assert first.turn
    pieces = quote(first.turn.text, [(hit.begin, hit.end) for hit in near])
    is_new = any(hit.pk in new for hit in near)
    return ShownHit(first.meeting, first.participant, first.start_ms, pieces, is_new)


def _near(
    hits: Iterable[Place], turn_of: Callable[[Place], object]
) -> Iterator[list[Place]]:
    """Hits of one turn that fit into one quote, together."""
    near: list[Place] = []
    for hit in hits:
        if near and not (
            turn_of(near[0]) == turn_of(hit) and hit.end - near[0].begin < TOGETHER
        ):
            yield near
            near = []
        near.append(hit)
    if near:
        yield near


def hits_for(user: AbstractBaseUser | AnonymousUser) -> QuerySet[Hit]:
    """What ``user`` may see, the newest call first."""
    return (
        Hit.objects.visible_to(user)
        .select_related("meeting", "participant", "turn")
        .prefetch_related("meeting__participants")  # who an untitled call was with
        .annotate(began=Coalesce("meeting__started_at", "meeting__created_at"))
        .order_by("-began", "-meeting_id", "start_ms", "pk")
    )


@dataclass(frozen=True)
class Preview:
    """What a tracker would have found; ``more``: there are more hits than shown."""

    quotes: Sequence[ShownHit]
    hits: int
    calls: int
    more: bool


def preview(user: AbstractBaseUser | AnonymousUser, finder: Finder) -> Preview:
    """Hits of the last PREVIEW_DAYS in calls that ``user`` may see, the newest call
    first, at most PREVIEW_HITS of them."""
    since = timezone.now() - timedelta(days=PREVIEW_DAYS)
    recent = (
        Meeting.objects.visible_to(user)
        .annotate(began=Coalesce("started_at", "created_at"))
        .filter(began__gt=since)
        .order_by("-began", "-pk")
    )
    found = (
        (call, hit)
        for call in _worth(list(recent), finder)
        for hit in _in(call, finder)
    )
    hits = list(islice(found, PREVIEW_HITS + 1))
    kept = hits[:PREVIEW_HITS]
    quotes = [
        quoted
        for call, of_call in groupby(kept, key=itemgetter(0))
        for quoted in _quoted(call, [hit for _, hit in of_call])
    ]
    calls = len({call.pk for call, _ in kept})
    return Preview(quotes, len(kept), calls, len(hits) > PREVIEW_HITS)


def _worth(calls: Sequence[Meeting], finder: Finder) -> Iterator[Meeting]:
    for at in range(0, len(calls), SLICE):
        worth = worth_a_look(finder, calls[at : at + SLICE])
        prefetch_related_objects(worth, "participants")
        yield from worth


def _in(meeting: Meeting, finder: Finder) -> list[Found]:
    return finder.find(call_text.of(meeting))


def _quoted(meeting: Meeting, found: Iterable[Found]) -> Iterator[ShownHit]:
    people = {person.pk: person for person in meeting.people}
    for near in _near(found, lambda hit: hit.turn.pk):
        first = near[0]
        pieces = quote(first.turn.text, [(hit.begin, hit.end) for hit in near])
        speaker = people[first.turn.participant]
        yield ShownHit(meeting, speaker, first.start_ms, pieces)

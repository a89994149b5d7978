"""Titles and names as search reads them, kept true to their rows."""

from collections.abc import Iterable
from functools import lru_cache
from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from dashboard.models import Label
from meetings.models import Meeting, Participant

from .normal import normal
from .parsing import phrase_of
from .query import QueryPhrase

NAMES_KEPT = 20_000  # of accounts, colleagues and teams, per process


@lru_cache(NAMES_KEPT)
def padded(text: str) -> str:
    """Tokens with a space around each: column ``Label.normal``."""
    return f" {normal(text)} "


def wanted(value: str) -> str:
    """What ``padded`` text has to hold for the value of a filter: whole words in
    order, the last of which may go on behind a star."""
    phrase = phrase_of(value)
    return _held(phrase) if phrase else "|"  # which no token has


def _held(phrase: QueryPhrase) -> str:
    return f" {' '.join(phrase.tokens)}{'' if phrase.prefix else ' '}"


def labelled(phrase: QueryPhrase) -> "QuerySet[Label]":
    """Titles and names with ``phrase`` in them."""
    return Label.objects.filter(normal__contains=_held(phrase))


def named(value: str) -> "QuerySet[Label]":
    """Titles and names that the value of a filter means."""
    return Label.objects.filter(normal__contains=wanted(value))


def is_named(text: str, values: Iterable[str]) -> bool:
    """Whether ``text``, a name, is meant by one of ``values``."""
    return any(wanted(value) in padded(text) for value in values)


@transaction.atomic
def relabel(meeting: Meeting) -> None:
    """The labels of ``meeting`` and its people, made anew."""
    Label.objects.filter(meeting=meeting).delete()
    people = meeting.participants.values_list("pk", "name")
    rows = [_row(meeting.pk, name, person) for person, name in people]
    if meeting.title:
        rows.append(_row(meeting.pk, meeting.title))
    Label.objects.bulk_create(rows)


def _row(meeting: int, text: str, person: int | None = None) -> Label:
    return Label(meeting_id=meeting, participant_id=person, normal=padded(text))


def meeting_saved(
    instance: Meeting, created: bool, update_fields: frozenset[str] | None, **more: Any
) -> None:
    """Listens to ``post_save``."""
    if update_fields is not None and "title" not in update_fields:
        return
    if not (created and not instance.title):
        _set({"meeting": instance, "participant": None}, instance.title)


def person_saved(
    instance: Participant, update_fields: frozenset[str] | None, **more: Any
) -> None:
    """Listens to ``post_save``."""
    if update_fields is None or "name" in update_fields:
        row = {"participant": instance, "meeting_id": instance.meeting_id}
        _set(row, instance.name)


def _set(row: dict[str, Any], text: str) -> None:
    if text:
        Label.objects.update_or_create(**row, defaults={"normal": padded(text)})
    else:
        Label.objects.filter(**row).delete()

"""Titles and names as search reads them, kept true to their rows."""

from collections.abc import Iterable
from dataclasses import replace
from functools import lru_cache
from typing import Any

from django.db import connection, transaction
from django.db.models import BooleanField, Func, Q, QuerySet, Value

from dashboard.models import Label
from meetings.models import Meeting, Participant

from .normal import normal
from .parsing import phrase_of
from .query import All, QueryPhrase
from .words import tsquery

NAMES_KEPT = 20_000  # of accounts, colleagues and teams, per process


@lru_cache(NAMES_KEPT)
def padded(text: str) -> str:
    """Tokens with a space around each: column ``Label.normal``."""
    return f" {normal(text)} "


@lru_cache(NAMES_KEPT)
def wanted(value: str) -> str:
    """What ``padded`` text has to hold for the value of a filter: whole words in
    order, the last of which may go on behind a star."""
    phrase = phrase_of(value)
    return _held(phrase) if phrase else "|"  # which no token has


def _held(phrase: QueryPhrase) -> str:
    return f" {' '.join(phrase.tokens)}{'' if phrase.prefix else ' '}"


def labelled(phrase: QueryPhrase) -> "QuerySet[Label]":
    """Titles and names with ``phrase`` in them."""
    next_to_each_other = Q(normal__contains=_held(phrase))
    if connection.vendor == "sqlite":
        return Label.objects.filter(next_to_each_other)
    found = Label.objects.filter(_has_words(phrase))
    return found.filter(next_to_each_other) if len(phrase.tokens) > 1 else found


def _has_words(phrase: QueryPhrase) -> "Func[Any]":
    """Whether a label has the words of ``phrase``, in any order: what PostgreSQL's
    index of labels tells (migration 0013)."""
    *whole, last = (QueryPhrase((token,)) for token in phrase.tokens)
    words = Value(tsquery(All((*whole, replace(last, prefix=phrase.prefix)))))
    has = Func("normal", words, arg_joiner=") @@ (", output_field=BooleanField())
    has.template = "dashboard_words(%(expressions)s::tsquery)"
    return has


def named(value: str) -> "QuerySet[Label]":
    """Titles and names that the value of a filter means."""
    phrase = phrase_of(value)
    return labelled(phrase) if phrase else Label.objects.none()


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

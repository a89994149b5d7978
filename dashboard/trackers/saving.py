"""What happens when somebody saves, adds or deletes a search."""

from collections.abc import Mapping
from typing import Any

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction
from django.utils import timezone

from dashboard.models import SavedSearch

from . import backfill

MOST = 200  # of one person


class ChangedMeanwhile(Exception):
    """Somebody else saved this search after it was opened. ``row`` is as it is now."""

    def __init__(self, row: SavedSearch) -> None:
        super().__init__(f"{row} was changed")
        self.row = row


class TooManySearches(Exception):
    """A person keeps MOST searches at most."""


@transaction.atomic
def add(owner: AbstractBaseUser, **values: Any) -> SavedSearch:
    """A new row of ``owner``; a tracker looks through earlier calls. Raises
    TooManySearches."""
    if SavedSearch.objects.filter(owner_id=owner.pk).count() >= MOST:
        raise TooManySearches
    search = SavedSearch.objects.create(
        owner_id=owner.pk, changed_by_id=owner.pk, **values
    )
    _fill(search)
    return search


@transaction.atomic
def change(
    search: SavedSearch, by: AbstractBaseUser, edit: int, values: Mapping[str, Any]
) -> SavedSearch:
    """Save over edit ``edit`` of a row. Raises ChangedMeanwhile when that is not the
    last one, SavedSearch.DoesNotExist when it was deleted."""
    row = SavedSearch.objects.select_for_update().get(pk=search.pk)
    if row.edit != edit:
        raise ChangedMeanwhile(row)
    before, called = _wanted(row), row.name
    for name, value in values.items():
        setattr(row, name, value)
    row.edit += 1
    row.changed_at, row.changed_by_id = timezone.now(), by.pk
    if _wanted(row) != before:
        row.version += 1
    row.save()
    if not row.tracked:
        row.hits.all().delete()
    _fill(row)
    if row.name != called or not row.tracked:
        backfill.look_again(called, row.name)
    return row


@transaction.atomic
def delete(search: SavedSearch) -> None:
    search.delete()
    backfill.look_again(search.name)


def _wanted(row: SavedSearch) -> tuple[Any, ...]:
    return row.query, row.form, row.tracked


def _fill(search: SavedSearch) -> None:
    if search.tracked and not search.is_filled:
        backfill.request(search)

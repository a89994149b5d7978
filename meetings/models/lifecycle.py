"""Lifecycles: a TextChoices of states and one table of allowed moves."""

from typing import Any

from django.db import models


class ForbiddenMove(Exception):
    """A row was asked to go to a state that its lifecycle does not allow."""


def move(row: models.Model, to: str, **values: Any) -> bool:
    """Take ``row`` to state ``to`` by one conditional UPDATE.

    False when somebody else moved it first; ForbiddenMove when no lifecycle arrow
    leads there. ``row`` carries the new values afterwards.
    """
    moves: dict[str, set[str]] = row.MOVES  # type: ignore[attr-defined]
    sources = [state for state, targets in moves.items() if to in targets]
    if not sources:
        raise ForbiddenMove(f"{type(row).__name__}: nothing leads to {to!r}")
    rows = type(row)._default_manager.filter(pk=row.pk, state__in=sources)
    if not rows.update(state=to, **values):
        return False
    for name, value in {"state": to, **values}.items():
        setattr(row, name, value)
    return True

"""The real database, with dials: away, or slow to take one kind of row."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import OperationalError
from django.db.backends.base.base import BaseDatabaseWrapper


class Outage:
    """While ``away`` is set no thread gets a cursor; ``refused`` counts who asked."""

    def __init__(self) -> None:
        self.away = False
        self.refused = 0
        self._asked = threading.Condition()

    def refuse(self) -> None:
        with self._asked:
            self.refused += 1
            self._asked.notify_all()
        raise OperationalError("the database is away")

    def wait_for(self, refused: int, seconds: float = 10.0) -> None:
        with self._asked:
            assert self._asked.wait_for(lambda: self.refused >= refused, seconds)


@contextmanager
def outage() -> Iterator[Outage]:
    """A database whose dial can be turned, and that is back at the end."""
    dial, cursor = Outage(), BaseDatabaseWrapper._cursor  # type: ignore[attr-defined]

    def ask(self: BaseDatabaseWrapper, name: str | None = None) -> Any:
        if dial.away:
            dial.refuse()
        return cursor(self, name)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(BaseDatabaseWrapper, "_cursor", ask)
        yield dial
        dial.away = False


class Slow:
    """A function that takes ``seconds`` longer, or, with ``turns`` cleared, waits."""

    def __init__(self, work: Callable[..., Any], seconds: float = 0.0) -> None:
        self.seconds = seconds
        self.turns = threading.Event()
        self.turns.set()
        self._work = work

    def __call__(self, *args: Any) -> Any:
        time.sleep(self.seconds)
        assert self.turns.wait(20)
        return self._work(*args)

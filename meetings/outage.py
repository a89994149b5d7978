"""What must reach the database waits for as long as the database is away."""

import time
from collections.abc import Callable
from typing import TypeVar

import structlog
from django.db import (
    DatabaseError,
    DataError,
    IntegrityError,
    InterfaceError,
    NotSupportedError,
    ProgrammingError,
    close_old_connections,
)

log = structlog.get_logger(__name__)
T = TypeVar("T")

RETRY_SECONDS = 0.5
# What no waiting mends: a row that may not be, a table that is not there.
LASTING = (IntegrityError, DataError, ProgrammingError, NotSupportedError)


def insist(work: Callable[[], T], waiting: str) -> T:
    """What ``work`` returns, once the database takes it: for threads that may wait.

    The log hears once that ``waiting`` waits, and once that it is done. Raises what no
    waiting mends.
    """
    away = False
    while True:
        try:
            result = work()
        except (DatabaseError, InterfaceError) as error:
            if isinstance(error, LASTING):
                raise
            if not away:
                log.warning("the database is away", waiting=waiting, error=str(error))
            away = True
            close_old_connections()
            time.sleep(RETRY_SECONDS)
        else:
            if away:
                log.info("the database is back", waited=waiting)
            return result

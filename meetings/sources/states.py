"""How sources are, from the threads that know to the rows; nobody waits for it."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import partial

import structlog
from django.db import close_old_connections

from meetings.models import Source
from meetings.outage import insist
from meetings.services import enter

log = structlog.get_logger(__name__)

LASTING = (Source.State.COMPLETE, Source.State.ERROR)  # a pull is over by itself


class StateWriter:
    """Writes states in the order in which they were told, on one thread."""

    def __init__(self) -> None:
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="source-rows")

    def tell(self, participant_id: int, state: str, reason: str = "") -> None:
        """A source's state is another. Any thread; after ``stop`` it is dropped."""
        try:
            self._pool.submit(self._write, participant_id, state, reason)
        except RuntimeError:
            log.info("a source's last state is not written", participant=participant_id)

    def flush(self, timeout: float = 10.0) -> None:
        """Wait until all that was told so far is written. Raises TimeoutError."""
        self._pool.submit(lambda: None).result(timeout)

    def stop(self, timeout: float = 2.0) -> None:
        """Take no more; seconds for what was told to be written."""
        with suppress(TimeoutError):
            self.flush(timeout)
        self._pool.shutdown(wait=False, cancel_futures=True)

    def _write(self, participant_id: int, state: str, reason: str) -> None:
        close_old_connections()
        try:
            insist(partial(_save, participant_id, state, reason), "states of sources")
        except Exception:
            log.exception("a source's state is not written", participant=participant_id)
        finally:
            close_old_connections()


def _save(participant_id: int, state: str, reason: str) -> None:
    rows = Source.objects.filter(participant_id=participant_id)
    row = rows.select_related("participant").first()
    if row is None:  # it was removed meanwhile
        return
    changed: dict[str, object] = {"state": state, "reason": reason[:200]}
    if state == Source.State.PUBLISHING:
        changed["expires_at"] = None
        enter(row.participant)
    if row.is_pulled and state in LASTING:
        changed["wanted"] = False
    rows.update(**changed)

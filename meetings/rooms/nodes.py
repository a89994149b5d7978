"""The processes that hold calls, and what each says of itself, for all others to read.

A page asks no call process anything: it reads what was last said. Who has not spoken
for FRESH seconds is gone.
"""

import json
import threading
from collections.abc import Callable
from time import monotonic
from typing import Any

import structlog
from redis.exceptions import RedisError

from meetings.valkey import client, key

log = structlog.get_logger(__name__)

EVERY = 1.0  # s between two reports
FRESH = 4.0  # s that a report holds
KNOWN = 0.5  # s for which a page asks only once
AWAY = 2.0  # s for which Valkey is not asked again when it did not answer

Report = dict[str, Any]
_NODES = key("nodes")

# Parts of a report: {"calls": {...}}; chapters above add theirs in AppConfig.ready().
parts: dict[str, Callable[[], Any]] = {}


def report(node: str) -> None:
    """Say how this process is. Raises RedisError."""
    said = json.dumps({name: part() for name, part in parts.items()})
    pipe = client().pipeline(transaction=False)
    pipe.set(key("node", node), said, px=round(FRESH * 1000))
    pipe.sadd(_NODES, node)
    pipe.execute()


def leave(node: str) -> None:
    """This process holds no calls any more."""
    pipe = client().pipeline(transaction=False)
    pipe.delete(key("node", node))
    pipe.srem(_NODES, node)
    pipe.execute()


def keep_reporting(node: str, stopping: threading.Event) -> None:
    """The thread that reports until ``stopping``."""
    away = False
    while True:
        try:
            report(node)
            away = False
        except RedisError as error:
            if not away:
                log.warning("pages cannot see this process", why=str(error))
            away = True
        except Exception:
            log.exception("no report")
        if stopping.wait(EVERY):
            return


class _Known:
    """The reports as they were read last."""

    def __init__(self) -> None:
        self._until = 0.0
        self._reports: dict[str, Report] = {}
        self._fault: RedisError | None = None
        self._lock = threading.Lock()

    def reports(self) -> dict[str, Report]:
        with self._lock:
            if monotonic() >= self._until:
                self._look()
            if self._fault:
                raise self._fault
            return self._reports

    def _look(self) -> None:
        """A server that is away is not asked again by each page at once."""
        try:
            self._reports, self._fault = _read(), None
        except RedisError as fault:
            self._fault = fault
        self._until = monotonic() + (AWAY if self._fault else KNOWN)

    def forget(self) -> None:
        self._until = 0.0


known = _Known()


def reports() -> dict[str, Report]:
    """Name of each call process that is there -> its report. Raises RedisError."""
    return known.reports()


def _read() -> dict[str, Report]:
    names = sorted(name.decode() for name in client().smembers(_NODES))
    if not names:
        return {}
    said = client().mget([key("node", name) for name in names])
    if gone := [name for name, text in zip(names, said, strict=True) if text is None]:
        client().srem(_NODES, *gone)
    return {
        name: json.loads(text)
        for name, text in zip(names, said, strict=True)
        if text is not None
    }


def best(part: str) -> Any:
    """What a process that can take calls says of ``part``; None when there is none.

    Raises RedisError.
    """
    everybody = reports().values()
    able = [said for said in everybody if said.get("calls", {}).get("ok")]
    return next((said.get(part) for said in able or everybody), None)

"""The process that answers with pages, takes uploads, and looks after what is left."""

import threading
from collections.abc import Callable, Sequence

import structlog
from django.conf import settings
from django.db import close_old_connections

from config.env import Environment
from config.http import addresses
from config.http.web import serve, thread
from config.processes import workers
from dashboard.exports import keeping
from dashboard.llm import writing
from dashboard.search import index, running
from dashboard.stats import stored
from dashboard.trackers import backfill, digest
from meetings import jobs
from meetings.imports import convert, uploads
from meetings.recordings import leftovers, retention
from meetings.sources import services as sources
from transcription import hearing_again

log = structlog.get_logger(__name__)

INTERVAL = 15.0  # seconds between two rounds


class Rounds:
    """Now and then: queue again what lost its runner, delete what was kept its time."""

    def __init__(self, tasks: Sequence[Callable[[], object]]) -> None:
        self._tasks = tasks
        self._stopping = threading.Event()

    def start(self) -> None:
        """Make a round now, and then every INTERVAL seconds."""
        thread("rounds", self._run)

    def stop(self) -> None:
        """Begin no further one."""
        self._stopping.set()

    def _run(self) -> None:
        while not self._stopping.is_set():
            self.once()
            self._stopping.wait(INTERVAL)

    def once(self) -> None:
        """One round; a task that fails does not keep the others from their turn."""
        for task in self._tasks:
            try:
                task()
            except Exception:
                log.exception("not looked after", task=task.__qualname__)
        close_old_connections()


class LanguageJobs:
    """A thread that waits for the language model, where there is one: mixes and repairs
    do not wait for it, nor does any page."""

    def __init__(self) -> None:
        self._stopping = threading.Event()

    def start(self) -> None:
        if settings.LLM_URL:
            workers.work_in_thread("language", self._stopping)

    def stop(self) -> None:
        self._stopping.set()


def run(env: Environment) -> None:
    """Until SIGTERM. Raises PortTaken."""
    from config.asgi import pages

    tasks = [
        *(jobs.reconcile, convert.settle, retention.expire),
        *(uploads.sweep, sources.sweep, running.follow, index.catch_up),
        *(stored.catch_up, backfill.request_missing, digest.request_due),
        *(keeping.sweep, hearing_again.sweep, writing.sweep),
    ]
    rounds = Rounds([*tasks, leftovers.Sweeper().run])
    serve(pages, addresses.pages(env), env, rounds, LanguageJobs())

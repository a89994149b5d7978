"""RQ's workers: one process for the default queue, one thread for transcription."""

import os
import signal
import socket
import threading
from collections.abc import Iterable
from contextlib import suppress
from typing import Any
from uuid import uuid4

import django_rq
import structlog
from django.db import close_old_connections
from rq import Queue, SimpleWorker, Worker
from rq.job import Job
from rq.timeouts import TimerDeathPenalty

from config.processes import children
from meetings import jobs

log = structlog.get_logger(__name__)

# RQ's own values (420 s and 600 s) leave a killed worker's job "started" for minutes:
# an idle worker looks at maintenance and at its stop flag only between two pops, and a
# pop lasts WORKER_TTL - 15 s.
WORKER_TTL = 20  # seconds
MAINTENANCE_INTERVAL = 15  # seconds


class JobProcess(Worker):
    """Runs each job in a forked process, which never outlives this one. Asked to end,
    both do: the job waits for the next worker."""

    def setup_work_horse_signals(self) -> None:
        super().setup_work_horse_signals()  # type: ignore[no-untyped-call]
        signal.signal(signal.SIGTERM, lambda *_: jobs.stop())
        # Jobs are idempotent and run again at the next start: no need to be gentle.
        children.die_with_parent(signal.SIGKILL)

    def handle_warm_shutdown_request(self) -> None:
        with suppress(ProcessLookupError):
            if self.horse_pid:
                os.kill(self.horse_pid, signal.SIGTERM)


class JobThread(SimpleWorker):
    """Runs jobs in a thread of the web process, where the model is."""

    # The stock one raises by a signal, which only a main thread can receive.
    death_penalty_class = TimerDeathPenalty

    def _install_signal_handlers(self) -> None:
        """Signals belong to the main thread."""

    def perform_job(self, job: Job, queue: Queue) -> bool:
        try:
            return bool(super().perform_job(job, queue))
        finally:
            close_old_connections()
            self._stop_requested = self._stop_requested or jobs.is_stopping()


def worker(kind: Any, queues: Iterable[str]) -> Any:
    """A worker of our timing, named after this machine and process."""
    return django_rq.get_worker(
        *queues,
        worker_class=kind,
        name=f"{socket.gethostname()}-{os.getpid()}-{uuid4().hex[:6]}",
        worker_ttl=WORKER_TTL,
        maintenance_interval=MAINTENANCE_INTERVAL,
    )


def work_in_thread(queue: str, stopping: threading.Event) -> threading.Thread:
    """Start taking jobs from ``queue``; a worker that gives up is followed by another.

    A daemon thread: an idle one notices ``stopping`` only at the end of its pop.
    """

    def run() -> None:
        while not stopping.is_set():
            try:
                worker(JobThread, [queue]).work(logging_level="WARNING")
            except Exception:
                log.exception("the job thread failed, it starts again", queue=queue)
            stopping.wait(1)

    thread = threading.Thread(target=run, name=f"jobs-{queue}", daemon=True)
    thread.start()
    return thread

"""RQ's workers as we run them."""

import subprocess
import sys
import threading
import time
from typing import Any

import django_rq
import pytest

from config.processes import workers
from meetings import jobs
from meetings.jobs import runners

done = threading.Event()
ended_by_timeout = threading.Event()


def note() -> None:
    done.set()


def never_ends() -> None:
    try:
        while True:
            time.sleep(0.01)
    except BaseException:
        ended_by_timeout.set()
        raise


def until_stopped() -> None:
    """A job that goes on until its process is told to stop, and says so."""
    redis = django_rq.get_connection("default")
    redis.rpush("told", "it runs")
    while not jobs.is_stopping():
        time.sleep(0.01)
    redis.rpush("told", "it was told")


WORK = """
import django
django.setup()
from config.processes import workers
workers.worker(workers.JobProcess, ["default"]).work(logging_level="WARNING")
"""


def test_a_worker_that_is_stopped_tells_its_job(redis: str) -> None:
    connection = django_rq.get_connection("default")
    django_rq.get_queue("default").enqueue(until_stopped)
    worker = subprocess.Popen([sys.executable, "-c", WORK])
    try:
        assert next_told(connection) == b"it runs"
        worker.terminate()
        assert next_told(connection) == b"it was told"
        assert worker.wait(60) == 0
    finally:
        worker.kill()
        worker.wait()


def next_told(connection: Any) -> bytes | None:
    """Asked again and again: to wait for one answer, a connection has 5 s."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        if word := connection.lpop("told"):
            return bytes(word)
        time.sleep(0.05)
    return None


def test_a_thread_takes_no_job_after_the_one_that_a_stop_ended(
    redis: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runners, "_now", runners._Now())
    queue = django_rq.get_queue("transcription")
    queue.enqueue(jobs.stop)
    queue.enqueue(note)
    done.clear()
    run_in_thread()
    assert not done.is_set()
    assert queue.count == 1


def test_it_looks_after_lost_jobs_within_seconds(redis: str) -> None:
    worker = workers.worker(workers.JobProcess, ["default"])
    assert worker.dequeue_timeout == 5
    assert worker.maintenance_interval == 15


def test_it_runs_a_job_in_a_thread(redis: str) -> None:
    done.clear()
    django_rq.get_queue("transcription").enqueue(note)
    run_in_thread()
    assert done.is_set()


def test_it_ends_a_job_that_takes_too_long_in_a_thread(redis: str) -> None:
    job = django_rq.get_queue("transcription").enqueue(never_ends, job_timeout=1)
    run_in_thread()
    assert ended_by_timeout.is_set()
    assert job.get_status(refresh=True) == "failed"


def run_in_thread() -> None:
    worker = workers.worker(workers.JobThread, ["transcription"])
    thread = threading.Thread(
        target=worker.work, kwargs={"burst": True, "logging_level": "CRITICAL"}
    )
    thread.start()
    thread.join(30)
    assert not thread.is_alive()

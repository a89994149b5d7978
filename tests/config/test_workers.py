"""RQ's workers as we run them."""

import threading
import time

import django_rq

from config import workers

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

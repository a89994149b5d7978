import socket
from datetime import timedelta

import django_rq
import pytest
from django.utils import timezone
from django_rq import get_connection

from meetings import jobs
from meetings.models import Job
from meetings.models.job import ATTEMPTS, STALE
from tests.cast import Cast

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def kind(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """A job kind that writes down its runs; payload says how it ends."""
    runs: list[str] = []

    def work(job: Job, progress: jobs.Progress) -> None:
        runs.append(job.kind)
        progress(0.5)
        if job.payload.get("fault") == "crash":
            raise RuntimeError("boom")
        if job.payload.get("fault") == "hopeless":
            raise jobs.JobFailed("The file holds no sound")
        if job.payload.get("fault") == "early":
            raise jobs.JobWaits("There is no model")

    entry = jobs.Kind(work, "default", "Working")
    monkeypatch.setitem(jobs.KINDS, "work", entry)
    return runs


def test_it_runs_once_and_is_done(cast: Cast, kind: list[str]) -> None:
    job = jobs.request("work", cast.meeting)
    jobs.run(job.pk)
    jobs.run(job.pk)
    job.refresh_from_db()
    assert kind == ["work"]
    assert (job.state, job.progress) == (Job.State.DONE, 1.0)


def test_a_request_that_waits_already_serves(cast: Cast) -> None:
    first = jobs.request("work", cast.meeting)
    assert jobs.request("work", cast.meeting) == first
    assert jobs.request("work", cast.meeting, part=2) != first


def test_a_crash_is_tried_again_and_then_fails(cast: Cast, kind: list[str]) -> None:
    job = jobs.request("work", cast.meeting, fault="crash")
    for _ in range(ATTEMPTS + 1):
        jobs.run(job.pk)
    job.refresh_from_db()
    assert len(kind) == ATTEMPTS
    assert job.state == Job.State.FAILED
    assert "boom" in job.error


def test_hopeless_work_fails_at_once_with_its_reason(
    cast: Cast, kind: list[str]
) -> None:
    job = jobs.request("work", cast.meeting, fault="hopeless")
    jobs.run(job.pk)
    job.refresh_from_db()
    assert (job.state, job.error) == (Job.State.FAILED, "The file holds no sound")
    assert len(kind) == 1


def test_work_that_is_too_early_waits_as_often_as_need_be(
    cast: Cast, kind: list[str]
) -> None:
    job = jobs.request("work", cast.meeting, fault="early")
    for _ in range(ATTEMPTS + 1):
        jobs.run(job.pk)
        job.refresh_from_db()
        assert (job.state, job.attempt) == (Job.State.QUEUED, 0)
        assert jobs.describe(job)["waits"] == "There is no model"
        assert jobs.reconcile() == 0  # not at once
    get_connection("default").flushall()
    Job.objects.update(payload={}, heartbeat_at=timezone.now() - 2 * STALE)
    assert jobs.reconcile() == 1
    jobs.run(job.pk)
    job.refresh_from_db()
    assert job.state == Job.State.DONE
    assert jobs.describe(job)["waits"] == ""


def test_a_silent_runner_loses_its_job_to_the_next(cast: Cast, kind: list[str]) -> None:
    job = jobs.request("work", cast.meeting)
    silent = timezone.now() - STALE - timedelta(seconds=1)
    Job.objects.update(state=Job.State.RUNNING, attempt=1, heartbeat_at=silent)
    assert jobs.reconcile() == 1
    jobs.run(job.pk)
    job.refresh_from_db()
    assert (job.state, job.attempt) == (Job.State.DONE, 2)


def test_a_living_runner_keeps_its_job(cast: Cast, kind: list[str]) -> None:
    job = jobs.request("work", cast.meeting)
    Job.objects.update(state=Job.State.RUNNING, heartbeat_at=timezone.now())
    assert jobs.reconcile() == 0
    jobs.run(job.pk)
    assert kind == []
    job.refresh_from_db()
    assert job.state == Job.State.RUNNING


def test_a_job_that_kills_its_runner_three_times_is_given_up(cast: Cast) -> None:
    job = jobs.request("work", cast.meeting)
    silent = timezone.now() - STALE - timedelta(seconds=1)
    Job.objects.update(state=Job.State.RUNNING, attempt=ATTEMPTS, heartbeat_at=silent)
    jobs.reconcile()
    job.refresh_from_db()
    assert job.state == Job.State.FAILED


def test_an_orderly_stop_is_no_attempt(cast: Cast, kind: list[str]) -> None:
    job = jobs.request("work", cast.meeting)
    Job.objects.update(
        state=Job.State.RUNNING, attempt=ATTEMPTS, runner=socket.gethostname()
    )
    assert jobs.release() == 1
    assert jobs.reconcile() == 1
    jobs.run(job.pk)
    job.refresh_from_db()
    assert (job.state, job.attempt) == (Job.State.DONE, ATTEMPTS)


def test_a_stop_leaves_the_jobs_of_other_hosts(cast: Cast) -> None:
    jobs.request("work", cast.meeting)
    Job.objects.update(state=Job.State.RUNNING, attempt=1, runner="elsewhere")
    assert jobs.release() == 0


def waiting(cast: Cast, count: int = 1) -> list[Job]:
    """Jobs that were queued long ago."""
    rows = [jobs.request("work", cast.meeting, part=n) for n in range(count)]
    Job.objects.update(heartbeat_at=timezone.now() - 2 * STALE)
    return rows


def entries() -> list[str]:
    ids: list[str] = django_rq.get_queue("default").get_job_ids()
    return ids


def test_what_waits_is_in_the_queue_once_however_often_it_is_looked_after(
    cast: Cast,
) -> None:
    rows = waiting(cast, 100)
    for _ in range(3):
        assert jobs.reconcile() == 0
    jobs.request("work", cast.meeting, part=0)
    assert entries() == [f"job-{row.pk}-0" for row in rows]


def test_two_processes_that_find_it_missing_make_one_entry(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    (row,) = waiting(cast)
    monkeypatch.setattr("rq.Queue.get_job_position", lambda *_: None)
    jobs.request("work", cast.meeting, part=0)
    assert entries() == [f"job-{row.pk}-0"]


def test_a_redis_that_forgot_is_told_again(cast: Cast) -> None:
    rows = waiting(cast, 3)
    get_connection("default").flushall()
    assert jobs.reconcile() == 3
    assert entries() == [f"job-{row.pk}-0" for row in rows]


def test_what_is_done_or_deleted_leaves_the_queue(cast: Cast) -> None:
    done, deleted, left = waiting(cast, 3)
    jobs.run(done.pk)
    deleted.delete()
    assert jobs.reconcile() == 0
    assert entries() == [f"job-{left.pk}-0"]
    assert len(get_connection("default").keys("rq:job:*")) == 1

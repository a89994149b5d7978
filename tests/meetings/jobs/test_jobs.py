import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from datetime import timedelta

import django_rq
import pytest
from django.db import connection
from django.utils import timezone
from django_rq import get_connection

from meetings import jobs
from meetings.jobs import rows, runners, running
from meetings.models import Job
from meetings.models.job import ATTEMPTS, STALE
from tests.cast import Cast
from tests.fakes import FlakyDatabase

pytestmark = pytest.mark.django_db(transaction=True)

HOUR = timedelta(hours=1)
Work = Callable[[Job, jobs.Progress], None]


@pytest.fixture(autouse=True)
def process(monkeypatch: pytest.MonkeyPatch) -> None:
    """A process that was told nothing yet."""
    monkeypatch.setattr(runners, "_now", runners._Now())


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


def test_it_runs_work_of_the_whole_site(cast: Cast, kind: list[str]) -> None:
    """It goes on when a call is deleted, and no page of a call is told of it."""
    job = jobs.request("work", None)
    assert jobs.request("work", None) == job
    cast.meeting.delete()
    jobs.run(job.pk)
    job.refresh_from_db()
    assert (kind, job.state) == (["work"], Job.State.DONE)
    assert str(job) == "work of the site"


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
    assert (job.state, job.error) == (
        Job.State.FAILED,
        "Something went wrong. The log says why.",
    )


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


def test_a_living_runner_keeps_its_job(cast: Cast, kind: list[str]) -> None:
    job = jobs.request("work", cast.meeting)
    Job.objects.update(state=Job.State.RUNNING, heartbeat_at=timezone.now())
    assert jobs.reconcile() == 0
    jobs.run(job.pk)
    assert kind == []
    job.refresh_from_db()
    assert job.state == Job.State.RUNNING


def works(monkeypatch: pytest.MonkeyPatch, run: Work) -> None:
    """Let the kind of job do this."""
    monkeypatch.setitem(jobs.KINDS, "work", jobs.Kind(run, "default", "Working"))


def waiting(cast: Cast, count: int = 1) -> list[Job]:
    """Jobs that were queued long ago."""
    queued = [jobs.request("work", cast.meeting, part=n) for n in range(count)]
    Job.objects.update(heartbeat_at=rows.long_ago())
    return queued


def entries() -> list[str]:
    ids: list[str] = django_rq.get_queue("default").get_job_ids()
    return ids


def test_what_waits_is_in_the_queue_once_however_often_it_is_looked_after(
    cast: Cast,
) -> None:
    queued = waiting(cast, 100)
    for _ in range(3):
        assert jobs.reconcile() == 0
    jobs.request("work", cast.meeting, part=0)
    assert entries() == [f"job-{row.pk}-0" for row in queued]


def test_two_processes_that_find_it_missing_make_one_entry(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    (row,) = waiting(cast)
    monkeypatch.setattr("rq.Queue.get_job_position", lambda *_: None)
    jobs.request("work", cast.meeting, part=0)
    assert entries() == [f"job-{row.pk}-0"]


def test_a_redis_that_forgot_is_told_again(cast: Cast) -> None:
    queued = waiting(cast, 3)
    get_connection("default").flushall()
    assert jobs.reconcile() == 3
    assert entries() == [f"job-{row.pk}-0" for row in queued]


def test_what_is_done_or_deleted_leaves_the_queue(cast: Cast) -> None:
    done, deleted, left = waiting(cast, 3)
    jobs.run(done.pk)
    deleted.delete()
    assert jobs.reconcile() == 0
    assert entries() == [f"job-{left.pk}-0"]
    assert len(get_connection("default").keys("rq:job:*")) == 1


def test_what_waits_since_tomorrow_is_due_when_a_clock_was_set_back(
    cast: Cast,
) -> None:
    waiting(cast)
    get_connection("default").flushall()
    Job.objects.update(heartbeat_at=timezone.now() + HOUR)
    assert jobs.reconcile() == 1


def at_work(cast: Cast, runner: str, attempt: int = 1, ago: timedelta = HOUR) -> Job:
    job = jobs.request("work", cast.meeting)
    Job.objects.update(
        state=Job.State.RUNNING,
        attempt=attempt,
        runner=runner,
        heartbeat_at=timezone.now() - ago,
    )
    return job


ELSEWHERE = "elsewhere 0badcafe 7-7 00000000"


def look_for(seconds: float, monkeypatch: pytest.MonkeyPatch) -> None:
    """Reconcile every 15 s for so long."""
    now = 0.0
    monkeypatch.setattr(rows, "_silence", runners.Silence(lambda: now))
    while now <= seconds:
        jobs.reconcile()
        now += 15.0


@pytest.mark.parametrize("ago", [HOUR, -HOUR])
def test_a_silent_runner_loses_its_job_to_the_next(
    cast: Cast, kind: list[str], monkeypatch: pytest.MonkeyPatch, ago: timedelta
) -> None:
    job = at_work(cast, ELSEWHERE, ago=ago)
    look_for(STALE.total_seconds(), monkeypatch)
    assert entries() == [f"job-{job.pk}-1"]
    jobs.run(job.pk)
    job.refresh_from_db()
    assert (job.state, job.attempt) == (Job.State.DONE, 2)


def test_a_clock_that_is_set_takes_no_job_from_a_living_runner(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = at_work(cast, ELSEWHERE)
    look_for(STALE.total_seconds() - 15, monkeypatch)
    job.refresh_from_db()
    assert job.state == Job.State.RUNNING


@pytest.fixture
def other() -> Iterator["subprocess.Popen[bytes]"]:
    """Another process of this host."""
    with subprocess.Popen(["sleep", "600"]) as process:
        yield process
        process.kill()


def test_a_dead_runner_of_this_host_loses_its_job_at_once(
    cast: Cast, other: "subprocess.Popen[bytes]"
) -> None:
    job = at_work(cast, runners.new(other.pid), ago=timedelta(0))
    jobs.reconcile()
    assert jobs.release() == 0  # it lives, though it is not ours
    other.kill()
    other.wait()
    jobs.reconcile()
    job.refresh_from_db()
    assert (job.state, job.attempt) == (Job.State.QUEUED, 1)
    assert entries() == [f"job-{job.pk}-1"]


def test_it_gives_back_what_the_processes_that_it_ended_were_at(
    cast: Cast, other: "subprocess.Popen[bytes]"
) -> None:
    job = at_work(cast, runners.new(other.pid), ago=timedelta(0))
    other.kill()
    other.wait()
    assert jobs.release() == 1
    job.refresh_from_db()
    assert job.state == Job.State.QUEUED


def test_a_job_of_another_host_is_not_given_back(cast: Cast) -> None:
    at_work(cast, ELSEWHERE)
    at_work(cast, "the host alone, as an older version wrote it")
    assert jobs.release() == 0


def test_a_job_that_kills_its_runner_three_times_is_given_up(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = at_work(cast, ELSEWHERE, ATTEMPTS)
    look_for(STALE.total_seconds(), monkeypatch)
    job.refresh_from_db()
    assert (job.state, job.error) == (
        Job.State.FAILED,
        "Stopped three times before it was done",
    )


@pytest.mark.parametrize("ends_with", [None, RuntimeError, jobs.JobInterrupted])
def test_a_lost_runner_does_not_end_the_job_of_its_successor(
    cast: Cast, monkeypatch: pytest.MonkeyPatch, ends_with: type[Exception] | None
) -> None:
    def lose_it(job: Job, progress: jobs.Progress) -> None:
        # As many attempts as before: an interrupted one does not count.
        Job.objects.update(runner="the next one", progress=0.1)
        progress(0.5)
        if ends_with:
            raise ends_with

    works(monkeypatch, lose_it)
    (job,) = waiting(cast)
    jobs.run(job.pk)
    job.refresh_from_db()
    assert (job.state, job.runner) == (Job.State.RUNNING, "the next one")
    assert (job.attempt, job.progress, job.error) == (1, 0.1, "")


def test_a_runner_that_lost_its_job_notices(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    def go_on(job: Job, progress: jobs.Progress) -> None:
        Job.objects.update(runner="the next one")
        for _ in range(1000):
            progress(0.5)
            time.sleep(0.01)
        pytest.fail("it went on for 10 s")

    monkeypatch.setattr(running, "HEARTBEAT", timedelta(seconds=0.01))
    monkeypatch.setattr(running, "LOOK", 0.01)
    works(monkeypatch, go_on)
    (job,) = waiting(cast)
    jobs.run(job.pk)


def test_an_orderly_stop_is_no_attempt_however_often(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stop(job: Job, progress: jobs.Progress) -> None:
        jobs.stop()
        progress(0.5)
        pytest.fail("it went on")

    works(monkeypatch, stop)
    (job,) = waiting(cast)
    for _ in range(ATTEMPTS + 1):
        monkeypatch.setattr(runners, "_now", runners._Now())
        jobs.run(job.pk)
        job.refresh_from_db()
        assert (job.state, job.attempt, job.error) == (Job.State.QUEUED, 0, "")
    assert rows.is_due(job)  # for the process that is started next


def test_what_breaks_because_the_process_stops_is_no_attempt(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stop(job: Job, progress: jobs.Progress) -> None:
        jobs.stop()
        raise ConnectionError("redis stops, too")

    works(monkeypatch, stop)
    (job,) = waiting(cast)
    jobs.run(job.pk)
    job.refresh_from_db()
    assert (job.state, job.attempt, job.error) == (Job.State.QUEUED, 0, "")


def test_the_row_of_a_job_that_will_be_killed_says_that_it_was_no_attempt(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[tuple[str, int]] = []

    def hang(job: Job, progress: jobs.Progress) -> None:
        jobs.stop()
        end = time.monotonic() + 20
        while not seen and time.monotonic() < end:
            time.sleep(0.01)
            row = Job.objects.get(pk=job.pk)
            if row.attempt == 0:
                seen.append((row.state, row.attempt))

    monkeypatch.setattr(running, "LOOK", 0.01)
    works(monkeypatch, hang)
    (job,) = waiting(cast)
    jobs.run(job.pk)
    assert seen == [(Job.State.RUNNING, 0)]


def test_a_process_that_stops_waits_for_its_jobs_to_come_back(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun = threading.Event()

    def work(job: Job, progress: jobs.Progress) -> None:
        begun.set()
        while True:
            progress(0.5)

    def run() -> None:
        jobs.run(job.pk)
        connection.close()

    works(monkeypatch, work)
    (job,) = waiting(cast)
    thread = threading.Thread(target=run)
    thread.start()
    assert begun.wait(20)
    jobs.wait(0.01)
    assert thread.is_alive()
    jobs.stop()
    jobs.wait(20)
    job.refresh_from_db()
    assert (job.state, job.attempt) == (Job.State.QUEUED, 0)
    thread.join(20)


def test_a_process_that_stops_takes_no_job(cast: Cast, kind: list[str]) -> None:
    job = jobs.request("work", cast.meeting)
    jobs.stop()
    jobs.run(job.pk)
    job.refresh_from_db()
    assert (kind, job.state, rows.is_due(job)) == ([], Job.State.QUEUED, True)


@pytest.mark.parametrize("when", ["it begins", "it reports", "it ends"])
@pytest.mark.parametrize(
    ("ends_with", "state"),
    [
        (None, Job.State.DONE),
        (jobs.JobFailed("There is no sound"), Job.State.FAILED),
        (jobs.JobWaits("There is no model"), Job.State.QUEUED),
        (jobs.JobInterrupted(), Job.State.QUEUED),
    ],
)
def test_a_job_runs_once_though_the_database_is_away_when(
    cast: Cast,
    monkeypatch: pytest.MonkeyPatch,
    when: str,
    ends_with: Exception | None,
    state: Job.State,
) -> None:
    runs = []

    def work(job: Job, progress: jobs.Progress) -> None:
        runs.append(job.pk)
        database.failures = 1 if when == "it reports" else 0
        progress(0.5)
        assert not database.failures
        database.failures = 3 if when == "it ends" else 0
        if ends_with:
            raise ends_with

    monkeypatch.setattr(rows, "PAUSES", (0.01,))
    works(monkeypatch, work)
    (job,) = waiting(cast)
    with FlakyDatabase('UPDATE "meetings_job"') as database:
        database.failures = 3 if when == "it begins" else 0
        jobs.run(job.pk)
    job.refresh_from_db()
    assert (runs, job.state, database.failures) == ([job.pk], state, 0)


def test_a_job_goes_on_while_its_heartbeat_finds_no_database(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    def wait(job: Job, progress: jobs.Progress) -> None:
        end = time.monotonic() + 20
        database.failures = 3
        while database.failures and time.monotonic() < end:
            time.sleep(0.01)
        progress(0.5)

    monkeypatch.setattr(running, "HEARTBEAT", timedelta(seconds=0.01))
    monkeypatch.setattr(running, "LOOK", 0.01)
    works(monkeypatch, wait)
    (job,) = waiting(cast)
    with FlakyDatabase('UPDATE "meetings_job"') as database:
        jobs.run(job.pk)
    job.refresh_from_db()
    assert (job.state, job.attempt) == (Job.State.DONE, 1)


def test_the_silence_of_all_while_the_database_is_away_is_nobodys_death() -> None:
    now = 0.0
    silence = runners.Silence(lambda: now)
    silence.look({"a runner": "its heartbeat"})
    now = 600.0
    assert silence.look({"a runner": "its heartbeat"}) == {"a runner": runners.MOST}
    assert STALE.total_seconds() > runners.MOST

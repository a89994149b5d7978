"""A tracker looks through the calls that were held before."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone

from dashboard.models import Hit, SavedSearch
from dashboard.search.index import rebuild
from dashboard.trackers import backfill, saving, wanted
from meetings import jobs
from meetings.models import Job, Meeting, Participant
from tests.cast import Cast
from tests.dashboard.calls import say
from tests.dashboard.trackers.rows import tracker, words

Shown = Callable[[float], None]


def held(cast: Cast, *texts: str) -> list[Meeting]:
    """Ended calls of the owner with one line each, the first the oldest."""
    assert cast.owner.user
    calls = []
    for number, text in enumerate(texts):
        meeting = Meeting.objects.create(
            owner=cast.owner.user,
            state=Meeting.State.ENDED,
            started_at=timezone.now() - timedelta(days=100 - number),
            duration_ms=60_000,
        )
        person = Participant.objects.create(
            meeting=meeting, name="Ben", consent="recorded"
        )
        say(person, 0, text)
        rebuild(meeting)
        calls.append(meeting)
    return calls


def fresh(cast: Cast, *phrases: str, **more: str) -> SavedSearch:
    """A tracker that has looked through nothing yet."""
    search = tracker(cast.owner, *phrases, **more)
    SavedSearch.objects.filter(pk=search.pk).update(filled_version=0)
    search.refresh_from_db()
    return search


def fill(search: SavedSearch, shown: Shown = lambda _: None) -> SavedSearch:
    job = Job(kind=backfill.KIND, payload={"search": search.pk})
    backfill.fill(job, shown)
    search.refresh_from_db()
    return search


def change(search: SavedSearch, *phrases: str) -> None:
    form = wanted.written(wanted.WantedPhrases({"": phrases}))
    new = {"form": form, "version": search.version + 1}
    SavedSearch.objects.filter(pk=search.pk).update(**new)


def test_it_finds_what_was_said_before(cast: Cast) -> None:
    first, second, _ = held(cast, "the price", "a price list", "nothing")
    search = fill(fresh(cast, "price"))
    assert {hit.meeting for hit in Hit.objects.all()} == {first, second}
    assert search.is_filled
    assert (search.fill_done, search.fill_total) == (3, 3)
    assert {hit.found_at for hit in Hit.objects.all()} == {first.date, second.date}


def test_it_runs_as_a_job_and_is_asked_for_once(cast: Cast) -> None:
    held(cast, "the price")
    search = fresh(cast, "price")
    assert backfill.request_missing() == 1
    assert backfill.request_missing() == 0
    job = Job.objects.get(kind=backfill.KIND)
    jobs.run(job.pk)
    assert words(search) == ["price"]
    assert backfill.request_missing() == 0


def test_one_that_failed_waits_for_somebody(cast: Cast) -> None:
    fresh(cast, "price")
    backfill.request_missing()
    Job.objects.update(state=Job.State.FAILED)
    assert backfill.request_missing() == 0


def test_one_whose_job_was_lost_after_a_failure_is_asked_for_again(cast: Cast) -> None:
    search = fresh(cast, "price")
    payload = {"search": search.pk}
    for state in (Job.State.FAILED, Job.State.DONE):
        Job.objects.create(kind=backfill.KIND, payload=payload, state=state)
    assert backfill.request_missing() == 1
    assert backfill.request_missing() == 0


def test_it_goes_on_where_it_was_cut_off_with_the_newest_first(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls = held(cast, *["the price"] * 5)
    monkeypatch.setattr(backfill, "SLICE", 2)
    search = fresh(cast, "price")
    shares = []

    def cut(share: float) -> None:
        shares.append(share)
        if share:
            raise jobs.JobInterrupted

    with pytest.raises(jobs.JobInterrupted):
        fill(search, cut)
    found = {hit.meeting for hit in Hit.objects.all()}
    assert found == set(calls[-2:])
    assert not SavedSearch.objects.get(pk=search.pk).is_filled
    fill(search, shares.append)
    assert shares == [0, 0.4, 0.4, 0.8]
    assert Hit.objects.count() == 5


def test_it_lets_other_work_by(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    held(cast, *["the price"] * 3)
    monkeypatch.setattr(backfill, "SLICE", 2)
    search = fresh(cast, "price")
    other = jobs.request("index", cast.meeting)
    backfill.request(tracker(cast.owner, "cost"))  # its like waits its turn
    with pytest.raises(jobs.JobInterrupted):
        fill(search)
    assert Hit.objects.count() == 2
    other.delete()
    assert fill(search).is_filled
    assert Hit.objects.count() == 3


def test_old_hits_stay_until_their_call_was_looked_through(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    held(cast, "the price", "the cost", "the price and the cost")
    search = fill(fresh(cast, "price"))
    monkeypatch.setattr(backfill, "SLICE", 1)
    change(search, "cost")
    seen = []
    fill(search, lambda _: seen.append(sorted(words(search))))
    assert seen == [["price", "price"], ["cost", "price"], ["cost", "cost", "price"]]
    assert words(search) == ["cost", "cost"]


def test_one_that_is_changed_meanwhile_begins_anew(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    held(cast, "the price", "the cost", "the price and the cost")
    monkeypatch.setattr(backfill, "SLICE", 1)
    search = fresh(cast, "price")
    changes = iter([search])

    def shown(share: float) -> None:
        for row in changes if share else ():
            change(row, "cost")

    fill(search, shown)
    assert words(search) == ["cost", "cost"]
    assert search.is_filled and search.version == 2


def test_one_that_is_deleted_meanwhile_ends(cast: Cast) -> None:
    held(cast, "the price")
    search = fresh(cast, "price")
    job = Job(kind=backfill.KIND, payload={"search": search.pk})
    backfill.fill(job, lambda _: search.delete() and None)
    assert not Hit.objects.exists()


def filled(cast: Cast, query: str) -> SavedSearch:
    """A query whose hits are kept, of all calls that are there."""
    return fill(fresh(cast, query=query, name="Typed"))


def fill_all() -> None:
    """The jobs that were asked for."""
    for job in Job.objects.filter(kind=backfill.KIND, state=Job.State.QUEUED):
        backfill.fill(job, lambda _: None)
        Job.objects.filter(pk=job.pk).update(state=Job.State.DONE)


def test_a_query_looks_again_after_the_tracker_that_it_names(cast: Cast) -> None:
    held(cast, "The price is high.", "The cost is high.")
    price = fill(fresh(cast, "price"))
    typed = filled(cast, "tracker:price high")
    assert Hit.objects.filter(search=typed).count() == 1
    change(price, "price", "cost")
    fill(price)
    fill_all()
    assert Hit.objects.filter(search=typed).count() == 2


def test_a_query_forgets_what_a_tracker_of_another_name_found(cast: Cast) -> None:
    held(cast, "The price is high.")
    price = fill(fresh(cast, "price"))
    typed = filled(cast, "tracker:price high")
    assert cast.owner.user
    saving.change(price, cast.owner.user, price.edit, {"name": "Money"})
    fill_all()
    assert not Hit.objects.filter(search=typed).exists()


def test_a_query_forgets_what_a_tracker_found_that_is_deleted(cast: Cast) -> None:
    held(cast, "The price is high.")
    fill(fresh(cast, "price"))
    typed = filled(cast, "tracker:price high")
    price = SavedSearch.objects.get(name="Price")
    assert cast.owner.client.post(f"/trackers/{price.pk}/delete/").status_code == 302
    fill_all()
    assert not Hit.objects.filter(search=typed).exists()


def test_queries_that_name_one_another_come_to_an_end(cast: Cast) -> None:
    held(cast, "The price is high.")
    filled(cast, "tracker:typed high")
    assert not Job.objects.filter(kind=backfill.KIND).exists()

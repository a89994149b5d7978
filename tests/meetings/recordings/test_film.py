"""The film of a call: when it is made, who gets it, and how it gives way to others."""

import time
from functools import partial
from pathlib import Path
from typing import Any

import av
import pytest

from meetings import jobs
from meetings.media.egress import grid_apart
from meetings.media.egress.grid_apart import make_apart
from meetings.media.errors import NoRoom
from meetings.models import Job, Meeting, Participant, Recording, Track
from meetings.models.recording import folder_of
from meetings.recordings import erasure, grid, retention
from meetings.recordings.leftovers import UNTOUCHED, sweep
from meetings.rooms import nodes
from tests.cast import Cast
from tests.dashboard.calls import end
from tests.meetings.recordings.test_repair import DEMO, film

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _folders(settings: Any, tmp_path: Path) -> None:
    settings.RECORDINGS_DIR = tmp_path


@pytest.fixture
def meeting(cast: Cast) -> Meeting:
    """An ended call of four seconds, mixed; its guest's camera was on."""
    assert cast.owner.seat and cast.guest.seat
    for person in (cast.owner.seat, cast.guest.seat):
        file_of(person, "microphone", "ogg", DEMO)
    file_of(cast.guest.seat, "camera", "webm", film())
    meeting = end(cast.meeting, 4_000)
    run(jobs.request("compose", meeting))
    return meeting


def file_of(person: Participant, source: str, suffix: str, content: bytes) -> Track:
    name = f"{person.pk}-{source}.{suffix}"
    (folder_of(person.meeting) / name).write_bytes(content)
    track: Track = Track.objects.create(
        participant=person,
        source=source,
        state="closed",
        file=name,
        duration_ms=4_000,
    )
    return track


def run(job: Job, state: str = "done") -> Job:
    jobs.run(job.pk)
    job.refresh_from_db()
    assert job.state == state, (job.kind, job.error)
    return job


def asked(meeting: Meeting) -> Job:
    return Job.objects.filter(meeting=meeting, kind="film").latest("pk")


def video_of(meeting: Meeting) -> Path | None:
    row = Recording.objects.get(meeting=meeting)
    return row.path(row.video) if row.video else None


def test_a_call_with_pictures_gets_a_film(cast: Cast, meeting: Meeting) -> None:
    path = f"/calls/{cast.code}/media/film"
    assert cast.owner.client.get(path).status_code == 404
    run(asked(meeting))
    made = video_of(meeting)
    assert made
    with av.open(str(made)) as container:
        assert container.streams.video and container.streams.audio
        assert 3.5e6 < (container.duration or 0) < 4.6e6
    assert cast.let_in(path) == {"owner", "teammate"}
    assert cast.let_in(path, "head") == {"owner", "teammate"}
    answer = cast.owner.client.get(f"{path}?download=1").headers
    assert answer["Content-Type"] == "video/mp4"
    assert answer["Content-Disposition"].startswith("attachment;")
    assert answer["Content-Disposition"].endswith('.mp4"')


def test_the_page_plays_it_in_place_of_the_files(cast: Cast, meeting: Meeting) -> None:
    page = cast.owner.client.get(f"/calls/{cast.code}/").content.decode()
    assert 'data-source="camera"' in page and "Video of everybody" not in page
    run(asked(meeting))
    page = cast.owner.client.get(f"/calls/{cast.code}/").content.decode()
    assert 'data-source="film"' in page and 'data-source="camera"' not in page
    assert "Video of everybody" in page
    assert f"/video/{Track.objects.pictures().get().pk}?download=1" in page


def test_a_call_without_pictures_gets_none(cast: Cast, meeting: Meeting) -> None:
    Track.objects.pictures().delete()
    Job.objects.filter(kind="film").delete()
    run(jobs.request("compose", meeting))
    assert not Job.objects.filter(kind="film").exists()
    run(jobs.request("film", meeting))  # asked for before the picture went
    assert video_of(meeting) is None


def test_a_film_takes_the_place_of_the_one_before(meeting: Meeting) -> None:
    run(asked(meeting))
    before = video_of(meeting)
    run(jobs.request("compose", meeting))
    assert video_of(meeting) == before and before and before.exists()
    run(asked(meeting))
    after = video_of(meeting)
    assert after and after.exists() and after != before
    assert not before.parent.exists()


def test_a_film_of_a_mix_that_is_gone_is_thrown_away(
    meeting: Meeting, monkeypatch: pytest.MonkeyPatch
) -> None:
    def mixed_meanwhile(order: Any, *rest: Any) -> None:
        order.film.write_bytes(b"film")
        Recording.objects.update(mix="play-9-9/mix.webm")

    monkeypatch.setattr(grid, "make_apart", mixed_meanwhile)
    job = run(asked(meeting))
    assert video_of(meeting) is None
    assert not (folder_of(meeting) / grid.folder_name(job)).exists()


def test_it_is_slower_while_people_are_in_calls(
    meeting: Meeting, monkeypatch: pytest.MonkeyPatch
) -> None:
    rests: list[float] = []
    monkeypatch.setattr(grid, "time", Rests(rests))
    run(asked(meeting))
    assert rests == []
    monkeypatch.setitem(nodes.parts, "calls", lambda: {"ok": True, "people": 2})
    nodes.report("a-node")
    nodes.known.forget()
    run(jobs.request("film", meeting))
    assert len(rests) > 0 and set(rests) == {grid.REST}


class Rests:
    """The clock of the film's job, whose rests are noted and not taken."""

    def __init__(self, rests: list[float]) -> None:
        self.sleep = rests.append
        self.monotonic = time.monotonic


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """It looks at others after each bit of work, however small."""
    monkeypatch.setattr(grid, "LOOK", 0.0)
    monkeypatch.setattr(grid, "make_apart", partial(make_apart, work_s=0))


def test_it_lets_other_work_by_and_goes_on(meeting: Meeting, impatient: None) -> None:
    Recording.objects.update(duration_ms=50_000)
    other = jobs.request("index", meeting)
    job = run(asked(meeting), "queued")
    assert job.attempt == 0 and job.error == ""
    parts = list((folder_of(meeting) / grid.folder_name(job)).glob("part-*.mkv"))
    assert parts and video_of(meeting) is None
    Job.objects.filter(pk=other.pk).update(state="done")
    run(job)
    assert video_of(meeting)


def test_work_that_waits_itself_does_not_stop_it(
    meeting: Meeting, impatient: None
) -> None:
    Recording.objects.update(duration_ms=50_000)
    waiting = jobs.request("index", meeting)
    Job.objects.filter(pk=waiting.pk).update(error="There is no model yet")
    run(asked(meeting))


def test_parts_of_another_film_are_not_taken(meeting: Meeting) -> None:
    job = asked(meeting)
    folder = folder_of(meeting) / grid.folder_name(job)
    folder.mkdir()
    (folder / grid.PLAN).write_text("of before a person was deleted")
    (folder / "part-00000.mkv").write_bytes(b"their face")
    run(job)
    assert video_of(meeting)


def test_a_full_disk_is_told_and_leaves_nothing(
    meeting: Meeting, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*args: Any) -> None:
        raise NoRoom

    monkeypatch.setattr(grid_apart, "check_room", full)
    job = run(asked(meeting), "failed")
    assert job.error == "The server's disk is full. Make room, then try again."
    assert not (folder_of(meeting) / grid.folder_name(job)).exists()
    monkeypatch.undo()
    assert jobs.retry(job)


def test_nobody_who_was_deleted_is_in_it(cast: Cast, meeting: Meeting) -> None:
    assert cast.guest.seat and cast.owner.user and cast.owner.seat
    run(asked(meeting))
    before = video_of(meeting)
    assert before
    file_of(cast.owner.seat, "screen", "webm", film())
    erasure.erase(cast.guest.seat, cast.owner.user)
    assert cast.owner.client.get(f"/calls/{cast.code}/media/film").status_code == 404
    run(Job.objects.get(kind="erase"))
    assert not before.exists()
    run(Job.objects.filter(kind="compose").latest("pk"))
    job = asked(meeting)
    order = grid._order(
        job,
        Recording.objects.get(meeting=meeting),
        list(Track.objects.pictures()),
    )
    assert [face.key for face in order.faces] == [str(cast.owner.seat.pk)]
    Job.objects.exclude(pk=job.pk).delete()  # a slow film would let them by
    run(job)
    after = video_of(meeting)
    assert after and after.exists()


def test_it_ends_for_who_is_being_deleted(
    cast: Cast, meeting: Meeting, impatient: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert cast.guest.seat and cast.owner.user
    guest, owner = cast.guest.seat, cast.owner.user
    manners = grid.Manners.__call__

    def erase_then(self: grid.Manners, share: float) -> None:
        if not Job.objects.filter(kind="erase").exists():
            erasure.erase(guest, owner)
        manners(self, share)

    monkeypatch.setattr(grid.Manners, "__call__", erase_then)
    job = asked(meeting)
    run(job, "queued")
    assert job.error == grid.DELETED_FIRST
    run(Job.objects.get(kind="erase"))
    assert list(folder_of(meeting).glob("film-*")) == []


def test_a_deleted_call_leaves_nothing(meeting: Meeting) -> None:
    run(asked(meeting))
    folder = folder_of(meeting)
    retention.delete(meeting)
    assert not folder.exists()


def test_folders_of_films_that_nobody_plays_are_swept(meeting: Meeting) -> None:
    run(asked(meeting))
    (folder_of(meeting) / "film-999").mkdir()
    assert sweep(time.time() + UNTOUCHED + 60) == 1
    made = video_of(meeting)
    assert made and made.exists()

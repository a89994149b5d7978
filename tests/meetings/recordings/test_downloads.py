"""Each person's sound opens by a double click everywhere."""

import errno
import shutil
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import av
import numpy as np
import pytest

from meetings import jobs
from meetings.media.egress import stems
from meetings.models import Job, Meeting, Recording
from meetings.models.recording import folder_of
from meetings.recordings import downloads, erasure, finishing
from tests.cast import Cast
from tests.dashboard.calls import end
from tests.meetings.recordings.test_film import file_of, run
from tests.meetings.recordings.test_repair import DEMO

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _folders(settings: Any, tmp_path: Path) -> None:
    settings.RECORDINGS_DIR = tmp_path


@pytest.fixture
def meeting(cast: Cast) -> Meeting:
    """An ended call of four seconds, mixed; the guest's screen had a sound."""
    assert cast.owner.seat and cast.guest.seat
    file_of(cast.owner.seat, "microphone", "ogg", DEMO)
    file_of(cast.guest.seat, "microphone", "ogg", DEMO)
    file_of(cast.guest.seat, "tab", "ogg", DEMO)
    meeting = end(cast.meeting, 4_000)
    run(jobs.request("compose", meeting))
    return meeting


def asked(meeting: Meeting) -> Job:
    return Job.objects.filter(meeting=meeting, kind="downloads").latest("pk")


def files(meeting: Meeting) -> list[str]:
    names = (path.name for path in folder_of(meeting).glob("play-*/stem-*"))
    return sorted(names)


def sound(path: Path) -> Any:
    with av.open(str(path)) as container:
        blocks = [f.to_ndarray()[0] for f in container.decode(audio=0)]
    return np.concatenate(blocks)


def test_it_has_the_sound_of_each_person(cast: Cast, meeting: Meeting) -> None:
    run(asked(meeting))
    made = ["stem-0.m4a", "stem-1.m4a", "stem-2.m4a"]
    assert [name for name in files(meeting) if name.endswith("m4a")] == made
    recording = Recording.objects.get(meeting=meeting)
    for stem in map(recording.path, recording.stems.values()):
        with av.open(str(downloads.m4a_of(stem))) as container:
            assert container.streams.audio[0].codec_context.name == "aac"
        before, after = sound(stem), sound(downloads.m4a_of(stem))
        assert abs(len(before) - len(after)) < 4_000
        loud = np.abs(before[:190_000]).reshape(-1, 5_000).mean(axis=1)
        kept = np.abs(after[:190_000]).reshape(-1, 5_000).mean(axis=1)
        assert np.corrcoef(loud, kept)[0, 1] > 0.95


def test_a_download_is_the_m4a_once_there_is_one(cast: Cast, meeting: Meeting) -> None:
    assert cast.guest.seat
    path = f"/calls/{cast.code}/media/{cast.guest.seat.pk}"
    for query, ending in (("?download=1", ""), ("?tab&download=1", ", screen")):
        named = f"{cast.guest.seat.name}{ending}"
        headers = cast.owner.client.get(path + query).headers
        assert headers["Content-Disposition"].endswith(f'{named}.webm"')
    run(asked(meeting))
    for query, ending in (("?download=1", ""), ("?tab&download=1", ", screen")):
        named = f"{cast.guest.seat.name}{ending}"
        headers = cast.owner.client.get(path + query).headers
        assert headers["Content-Disposition"].endswith(f'{named}.m4a"')
        assert headers["Content-Type"] == "audio/mp4"
        assert cast.let_in(path + query) == {"owner", "teammate"}
    assert cast.owner.client.get(path).headers["Content-Type"] == "audio/webm"


def test_the_page_offers_them(cast: Cast, meeting: Meeting) -> None:
    assert cast.guest.seat
    page = cast.owner.client.get(f"/calls/{cast.code}/").content.decode()
    begins = f"/calls/{cast.code}/media/{cast.guest.seat.pk}?"
    assert f"{begins}download=1" in page and f"{begins}tab&amp;download=1" in page


def test_it_goes_on_where_it_ended(meeting: Meeting) -> None:
    other = jobs.request("index", meeting)
    job = run(asked(meeting), "queued")
    assert (job.attempt, job.error) == (0, "")
    assert [n for n in files(meeting) if n.endswith("m4a")] == ["stem-0.m4a"]
    Job.objects.filter(pk=other.pk).update(state="done")
    (first,) = folder_of(meeting).glob("play-*/stem-0.m4a")
    written = first.stat().st_mtime_ns
    run(job)
    assert first.stat().st_mtime_ns == written
    assert len([n for n in files(meeting) if n.endswith("m4a")]) == 3


@pytest.mark.parametrize("when", ["before", "meanwhile"])
def test_a_full_disk_is_told_and_leaves_nothing_half(
    meeting: Meeting, monkeypatch: pytest.MonkeyPatch, when: str
) -> None:
    def full(*args: Any) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    if when == "before":
        usage = SimpleNamespace(free=0)
        monkeypatch.setattr(shutil, "disk_usage", lambda path: usage)
    else:
        monkeypatch.setattr(stems, "sync", full)
    job = run(asked(meeting), "failed")
    assert job.error == finishing.NO_ROOM
    assert not [name for name in files(meeting) if name.endswith("m4a")]


def test_what_is_mixed_anew_meanwhile_is_no_error(
    meeting: Meeting, monkeypatch: pytest.MonkeyPatch
) -> None:
    def gone(stem: Path, *rest: Any) -> None:
        shutil.rmtree(stem.parent)
        raise FileNotFoundError(stem)

    monkeypatch.setattr(downloads, "to_m4a", gone)
    run(asked(meeting))


def test_it_ends_for_who_is_being_deleted(cast: Cast, meeting: Meeting) -> None:
    assert cast.guest.seat and cast.owner.user
    job = asked(meeting)
    recording = Recording.objects.get(meeting=meeting)
    erasure.erase(cast.guest.seat, cast.owner.user)
    recording.save(force_insert=True)  # as a runner sees it that began before
    run(job, "queued")
    assert job.error == downloads.DELETED_FIRST
    Recording.objects.all().delete()
    run(Job.objects.get(kind="erase"))
    assert files(meeting) == []

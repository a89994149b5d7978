"""Nothing stays on the disk that nobody needs."""

import errno
import time
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from pytest_django import Settings

from meetings import jobs
from meetings.models import Job, Meeting, Recording, Track
from meetings.models.recording import folder_of
from meetings.recordings import finishing
from meetings.recordings.leftovers import RETRY_DAYS, UNTOUCHED, sweep
from tests.cast import Cast

pytestmark = pytest.mark.django_db

LATER = UNTOUCHED + 60


@pytest.fixture(autouse=True)
def recordings(settings: Settings, tmp_path: Path) -> None:
    settings.RECORDINGS_DIR = tmp_path


@pytest.fixture
def meeting(cast: Cast) -> Meeting:
    """An ended one, whose mix is in play-2-1."""
    Recording.objects.create(
        meeting=cast.meeting, mix="play-2-1/mix.webm", peaks="p", duration_ms=1
    )
    (folder_of(cast.meeting) / "play-2-1").mkdir()
    return cast.meeting


def made(*parts: str) -> Path:
    path = Path(settings.RECORDINGS_DIR).joinpath(*parts)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"sound")
    return path


def swept(seconds: float = LATER) -> int:
    return sweep(time.time() + seconds)


def test_half_files_go(meeting: Meeting) -> None:
    pk = str(meeting.pk)
    half = [made(pk, "a.ogg.part"), made(pk, "play-2-1", "mix.webm.part")]
    half.append(made(pk, "a.ogg.repair"))
    whole = made(pk, "a.ogg")
    assert swept() == 3
    assert not any(path.exists() for path in half) and whole.exists()


def test_what_is_being_written_stays(meeting: Meeting) -> None:
    half = made(str(meeting.pk), "a.ogg.part")
    assert swept(60) == 0
    assert half.exists()


def test_mixes_that_nobody_plays_go(meeting: Meeting) -> None:
    old = made(str(meeting.pk), "play-1-1", "mix.webm")
    current = made(str(meeting.pk), "play-2-1", "mix.webm")
    assert swept() == 1
    assert not old.parent.exists() and current.exists()


def test_a_mix_at_work_stays(meeting: Meeting) -> None:
    mixed = made(str(meeting.pk), "play-3-1", "mix.webm")
    Job.objects.create(meeting=meeting, kind="compose")
    assert swept() == 0
    assert mixed.exists()


def test_a_file_to_import_waits_a_week_for_another_try(meeting: Meeting) -> None:
    source = made(str(meeting.pk), "source-0")
    track = made(str(meeting.pk), "source-0-1-0.ogg")
    assert swept() == 0
    assert swept(RETRY_DAYS * 86_400 + 60) == 1
    assert not source.exists() and track.exists()


def test_a_file_that_is_to_be_read_stays(meeting: Meeting) -> None:
    source = made(str(meeting.pk), "source-0")
    Job.objects.create(meeting=meeting, kind="import")
    assert swept(RETRY_DAYS * 86_400 + 60) == 0
    assert source.exists()


def test_folders_without_a_meeting_go(cast: Cast) -> None:
    assert cast.owner.user
    gone = Meeting.objects.create(owner=cast.owner.user).pk
    last = Meeting.objects.create(owner=cast.owner.user, title="The last one")
    Meeting.objects.filter(pk=gone).delete()
    folder = made(str(gone), "a.ogg").parent
    incoming = made("incoming-3f", "source-0").parent
    rolled_back = made(str(last.pk + 7), "source-0").parent
    assert swept() == 3
    for path in (folder, incoming, rolled_back):
        assert not path.exists()


def test_recordings_of_a_newer_database_stay(cast: Cast) -> None:
    """Somebody went back to the database of yesterday, beside the files of today."""
    newer = made("999999", "a.ogg")
    swept()
    assert newer.exists()


def test_a_folder_that_is_being_filled_stays(cast: Cast) -> None:
    incoming = made("incoming-4f", "source-0")
    assert swept(60) == 0
    assert incoming.exists()


def test_what_cannot_be_deleted_keeps_nothing_else(
    meeting: Meeting, monkeypatch: pytest.MonkeyPatch
) -> None:
    stuck = made(str(meeting.pk), "a.ogg.part")
    other = made(str(meeting.pk), "b.ogg.part")
    unlink = Path.unlink

    def refuse(path: Path, missing_ok: bool = False) -> None:
        if path == stuck:
            raise PermissionError(13, "Permission denied", str(path))
        unlink(path, missing_ok)

    monkeypatch.setattr(Path, "unlink", refuse)
    assert swept() == 1
    assert not other.exists()


def test_a_mix_on_a_full_disk_leaves_nothing_and_says_so(
    meeting: Meeting, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert cast.owner.seat
    Track.objects.create(participant=cast.owner.seat, file="a.ogg", state="closed")
    job = Job.objects.create(meeting=meeting, kind="compose")

    def fill(tracks: Any, out: Path, *_: Any) -> None:
        (out / "stem-0.webm").write_bytes(b"sound")
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(finishing, "build", fill)
    with pytest.raises(jobs.JobFailed, match="disk is full"):
        finishing.compose(job, lambda share: None)
    assert [path.name for path in folder_of(meeting).iterdir()] == ["play-2-1"]

import shutil
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from meetings.models import Meeting, Track
from meetings.models.recording import folder_of
from meetings.recordings.retention import bring_back, expire, put_in_bin
from tests.cast import Cast
from transcription.models import Utterance

pytestmark = pytest.mark.django_db


@pytest.fixture
def meeting(cast: Cast) -> Meeting:
    """An ended meeting with a file and a line."""
    assert cast.owner.seat
    meeting = cast.meeting
    Track.objects.create(participant=cast.owner.seat, file="a.ogg", state="closed")
    (folder_of(meeting) / "a.ogg").write_bytes(b"sound")
    Utterance.objects.create(
        meeting=meeting,
        participant=cast.owner.seat,
        start_ms=0,
        end_ms=900,
        text="Good morning",
    )
    meeting.state = Meeting.State.ENDED
    return meeting


def ended(meeting: Meeting, days_ago: float) -> None:
    meeting.ended_at = timezone.now() - timedelta(days=days_ago)
    meeting.save()


def test_it_deletes_files_and_rows_after_the_promised_days(meeting: Meeting) -> None:
    folder = folder_of(meeting)
    ended(meeting, days_ago=366)
    assert expire() == 1
    assert not folder.exists()
    assert not Meeting.objects.filter(code=meeting.code).exists()
    assert not Utterance.objects.exists()


def test_it_keeps_what_is_younger(meeting: Meeting) -> None:
    ended(meeting, days_ago=364)
    assert expire() == 0
    assert (folder_of(meeting) / "a.ogg").exists()


def in_bin_for(meeting: Meeting, days: float) -> None:
    since = timezone.now() - timedelta(days=days)
    Meeting.objects.filter(pk=meeting.pk).update(deleted_at=since)


@pytest.mark.parametrize(("days", "count"), [(6.9, 0), (7.1, 1)])
def test_it_empties_the_bin_after_seven_days(
    meeting: Meeting, days: float, count: int
) -> None:
    ended(meeting, days_ago=20)
    put_in_bin(meeting)
    in_bin_for(meeting, days)
    assert expire() == count
    assert Meeting.objects.filter(pk=meeting.pk).exists() is not bool(count)


def test_what_was_brought_back_stays(meeting: Meeting) -> None:
    ended(meeting, days_ago=20)
    put_in_bin(meeting)
    in_bin_for(meeting, 6.9)
    meeting.refresh_from_db()
    bring_back(meeting)
    in_the_past = Meeting.objects.filter(pk=meeting.pk, deleted_at=None)
    assert (expire(), in_the_past.count()) == (0, 1)


def test_a_bin_keeps_nothing_longer_than_promised(meeting: Meeting) -> None:
    ended(meeting, days_ago=366)
    put_in_bin(meeting)
    assert expire() == 1


def test_it_touches_no_meeting_that_goes_on(meeting: Meeting) -> None:
    meeting.state = Meeting.State.LIVE
    ended(meeting, days_ago=366)
    assert expire() == 0


def test_one_folder_that_cannot_be_deleted_keeps_no_other(
    meeting: Meeting, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    stuck = Meeting.objects.create(owner=meeting.owner, state=Meeting.State.ENDED)
    ended(stuck, days_ago=400)
    ended(meeting, days_ago=366)
    rmtree = shutil.rmtree

    def refuse(path: Path, *args: Any, **more: Any) -> None:
        if path == folder_of(stuck):
            raise PermissionError(13, "Permission denied", str(path))
        rmtree(path, *args, **more)

    monkeypatch.setattr("meetings.recordings.retention.shutil.rmtree", refuse)
    assert expire() == 1
    assert set(Meeting.objects.all()) >= {stuck}
    assert not Meeting.objects.filter(pk=meeting.pk).exists()


def test_an_import_that_never_ended_is_not_kept_longer(meeting: Meeting) -> None:
    long_ago = timezone.now() - timedelta(days=366)
    Meeting.objects.filter(pk=meeting.pk).update(
        state=Meeting.State.IMPORTING, created_at=long_ago
    )
    assert expire() == 1

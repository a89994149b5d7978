import os
from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone

from meetings.media.egress.manifest import RecordingManifest
from meetings.media.events import Segment
from meetings.models import Meeting, Track
from meetings.models.recording import folder_of
from meetings.rooms import recovery
from meetings.rooms.leases import Leases
from tests.cast import Cast

DEMO = Path(__file__).parents[3] / "meetings/demo_call/anna.ogg"


@pytest.fixture
def leases(db: None) -> Leases:
    """Of a process that starts."""
    return Leases("here", print)


def crashed(cast: Cast, name: str, content: bytes) -> Segment:
    """A segment that was open when the server died."""
    assert cast.guest.seat
    folder = folder_of(cast.meeting)
    (folder / name).write_bytes(content)
    segment = Segment(
        name, str(cast.guest.seat.pk), "microphone", "audio", "opus", name, 2000
    )
    RecordingManifest(folder).append(segment)
    return segment


def test_it_repairs_what_a_crash_left_open(cast: Cast, leases: Leases) -> None:
    torn = DEMO.read_bytes()[: DEMO.stat().st_size // 2]
    segment = crashed(cast, "torn.ogg", torn)
    recovery.repair_meetings(leases)
    track = Track.objects.get(file=segment.file)
    assert (track.state, track.offset_ms) == ("repaired", 2000)
    assert 40_000 < track.duration_ms < 75_000
    cast.meeting.refresh_from_db()
    assert cast.meeting.recovered and cast.meeting.is_live


def test_it_marks_what_cannot_be_read(cast: Cast, leases: Leases) -> None:
    crashed(cast, "junk.ogg", os.urandom(200))
    recovery.repair_meetings(leases)
    assert Track.objects.get(file="junk.ogg").state == "lost"


def test_it_leaves_an_orderly_stop_alone(cast: Cast, leases: Leases) -> None:
    recovery.repair_meetings(leases)
    cast.meeting.refresh_from_db()
    assert not cast.meeting.recovered


def test_it_goes_on_after_a_broken_folder(
    cast: Cast, leases: Leases, caplog: pytest.LogCaptureFixture
) -> None:
    other = Meeting.objects.exclude(pk=cast.meeting.pk).get()
    (folder_of(other) / "manifest.jsonl").mkdir()
    crashed(cast, "torn.ogg", DEMO.read_bytes()[:50_000])
    recovery.repair_meetings(leases)
    assert Track.objects.filter(file="torn.ogg", state="repaired").exists()


def test_it_leaves_what_another_process_holds(cast: Cast, leases: Leases) -> None:
    segment = crashed(cast, "torn.ogg", DEMO.read_bytes()[:50_000])
    Leases("another", print).take(cast.meeting.pk)
    recovery.repair_meetings(leases)
    assert not Track.objects.filter(file=segment.file).exists()
    assert cast.meeting.pk not in leases.held()


def alone(cast: Cast, minutes: int) -> None:
    """Everybody left the call so long ago."""
    left = timezone.now() - timedelta(minutes=minutes)
    Meeting.objects.filter(pk=cast.meeting.pk).update(started_at=left)
    cast.meeting.participants.update(left_at=left)


@pytest.mark.parametrize(("minutes", "over"), [(9, False), (11, True)])
def test_it_ends_a_room_after_its_time_alone(
    cast: Cast, leases: Leases, minutes: int, over: bool
) -> None:
    """However often the server was started again meanwhile."""
    alone(cast, minutes)
    recovery._end_empty(leases, {})
    cast.meeting.refresh_from_db()
    assert cast.meeting.is_over == over


def test_it_never_ends_a_room_with_people(cast: Cast, leases: Leases) -> None:
    alone(cast, 60)
    recovery._end_empty(leases, {cast.meeting.pk: 1})
    cast.meeting.refresh_from_db()
    assert cast.meeting.is_live


def test_it_does_not_end_what_another_process_holds(cast: Cast, leases: Leases) -> None:
    alone(cast, 60)
    Leases("another", print).take(cast.meeting.pk)
    recovery._end_empty(leases, {})
    cast.meeting.refresh_from_db()
    assert cast.meeting.is_live


def test_it_ends_at_the_last_sound(cast: Cast, leases: Leases) -> None:
    crashed(cast, "torn.ogg", DEMO.read_bytes()[:200_000])
    recovery.repair_meetings(leases)
    track = Track.objects.get(file="torn.ogg")
    last = recovery._last_sound(cast.meeting)
    assert cast.meeting.clock_ms(last) == track.end_ms

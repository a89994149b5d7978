import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from meetings import recovery
from meetings.media.egress.manifest import RecordingManifest
from meetings.media.events import Segment
from meetings.models import Meeting, Track
from meetings.models.recording import folder_of
from tests.cast import Cast

DEMO = Path(__file__).parents[2] / "meetings/demo_call/anna.ogg"


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


def test_it_repairs_what_a_crash_left_open(cast: Cast) -> None:
    torn = DEMO.read_bytes()[: DEMO.stat().st_size // 2]
    segment = crashed(cast, "torn.ogg", torn)
    recovery.repair_meetings()
    track = Track.objects.get(file=segment.file)
    assert (track.state, track.offset_ms) == ("repaired", 2000)
    assert 40_000 < track.duration_ms < 75_000
    cast.meeting.refresh_from_db()
    assert cast.meeting.recovered and cast.meeting.is_live


def test_it_marks_what_cannot_be_read(cast: Cast) -> None:
    crashed(cast, "junk.ogg", os.urandom(200))
    recovery.repair_meetings()
    assert Track.objects.get(file="junk.ogg").state == "lost"


def test_it_leaves_an_orderly_stop_alone(cast: Cast) -> None:
    recovery.repair_meetings()
    cast.meeting.refresh_from_db()
    assert not cast.meeting.recovered


def test_it_goes_on_after_a_broken_folder(
    cast: Cast, caplog: pytest.LogCaptureFixture
) -> None:
    other = Meeting.objects.exclude(pk=cast.meeting.pk).get()
    (folder_of(other) / "manifest.jsonl").mkdir()
    crashed(cast, "torn.ogg", DEMO.read_bytes()[:50_000])
    recovery.repair_meetings()
    assert Track.objects.filter(file="torn.ogg", state="repaired").exists()


def test_it_ends_a_room_after_its_time_alone() -> None:
    empty = recovery.EmptyRooms(limit=600)
    assert empty.look({1: 0, 2: 2}, now=0) == []
    assert empty.look({1: 0, 2: 0}, now=599) == []
    assert empty.look({1: 0, 2: 0}, now=600) == [1]


def test_it_counts_afresh_when_somebody_was_there() -> None:
    empty = recovery.EmptyRooms(limit=600)
    empty.look({1: 0}, now=0)
    empty.look({1: 1}, now=300)
    assert empty.look({1: 0}, now=700) == []


@given(st.lists(st.integers(0, 2), min_size=1, max_size=50))
def test_it_never_ends_a_room_with_people(counts: list[int]) -> None:
    empty = recovery.EmptyRooms(limit=3)
    for now, count in enumerate(counts):
        assert not (empty.look({1: count}, now) and count)


def test_it_ends_at_the_last_sound(cast: Cast) -> None:
    crashed(cast, "torn.ogg", DEMO.read_bytes()[:200_000])
    recovery.repair_meetings()
    track = Track.objects.get(file="torn.ogg")
    last = recovery._last_sound(cast.meeting)
    assert cast.meeting.clock_ms(last) == track.end_ms

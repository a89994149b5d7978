from collections.abc import Iterator

import pytest

from meetings import taps, tracks
from meetings.media.events import (
    Joined,
    Left,
    Segment,
    SegmentClosed,
    SegmentOpened,
    SoundBegan,
    SoundEnded,
)
from meetings.models import Track
from tests.cast import Cast

Heard = list[tuple[str, int, int]]


@pytest.fixture
def heard() -> Iterator[Heard]:
    """What the taps said: ("began" or "ended", meeting, participant)."""
    said: Heard = []

    def began(meeting: int, participant: int) -> None:
        said.append(("began", meeting, participant))

    def ended(meeting: int, participant: int) -> None:
        said.append(("ended", meeting, participant))

    taps.sound_began.attach(began)
    taps.sound_ended.attach(ended)
    yield said
    taps.sound_began.detach(began)
    taps.sound_ended.detach(ended)


def ids(cast: Cast) -> tuple[str, str]:
    assert cast.guest.seat
    return str(cast.meeting.pk), str(cast.guest.seat.pk)


def segment(participant: str, **facts: object) -> Segment:
    values = {
        "id": "s1",
        "participant_id": participant,
        "source": "microphone",
        "kind": "audio",
        "codec": "opus",
        "file": "s1.ogg",
        "offset_ms": 1500,
        **facts,
    }
    return Segment(**values)  # type: ignore[arg-type]


def test_it_opens_and_closes_a_track(cast: Cast) -> None:
    room, person = ids(cast)
    tracks.note(SegmentOpened(room, person, 1500, segment(person)))
    track = Track.objects.get(participant_id=person)
    assert (track.state, track.offset_ms, track.file) == ("open", 1500, "s1.ogg")
    closed = segment(
        person, state="closed", duration_ms=9000, gaps=((2000, 3000),), packets_lost=4
    )
    tracks.note(SegmentClosed(room, person, 10_500, closed))
    track.refresh_from_db()
    assert (track.state, track.duration_ms, track.packets_lost) == ("closed", 9000, 4)
    assert track.gaps == [[2000, 3000]]


def test_it_tells_where_sound_begins_and_ends(cast: Cast, heard: Heard) -> None:
    room, person = ids(cast)
    tracks.note(SoundBegan(room, person, 1500))
    tracks.note(SoundEnded(room, person, 10_500))
    assert heard == [
        ("began", cast.meeting.pk, int(person)),
        ("ended", cast.meeting.pk, int(person)),
    ]


def test_it_writes_an_event_down_once(cast: Cast) -> None:
    room, person = ids(cast)
    closed = segment(person, state="closed", duration_ms=9000)
    for _ in range(2):
        tracks.note(SegmentClosed(room, person, 10_500, closed))
    assert Track.objects.filter(participant_id=person).count() == 1


def test_it_calls_a_file_without_sound_lost(cast: Cast) -> None:
    _, person = ids(cast)
    tracks.save(segment(person))
    track = tracks.save(segment(person, state="repaired", duration_ms=0))
    assert track.state == Track.State.LOST


def test_it_notes_who_left_and_who_came_back(cast: Cast) -> None:
    room, person = ids(cast)
    assert cast.guest.seat
    tracks.note(Left(room, person, 5000, "timeout"))
    cast.guest.seat.refresh_from_db()
    assert cast.guest.seat.left_at is not None
    tracks.note(Joined(room, person, 8000, "Gita", True, "session"))
    cast.guest.seat.refresh_from_db()
    assert cast.guest.seat.left_at is None

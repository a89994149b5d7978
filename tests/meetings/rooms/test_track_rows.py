from collections.abc import Iterator
from threading import Barrier, Thread

import pytest
from django.db import connection
from django.utils import timezone
from structlog.testing import capture_logs

from meetings import outage, taps
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
from meetings.outage import insist
from meetings.rooms import track_rows
from meetings.rooms.leases import Leases
from meetings.valkey import client, key
from tests import fake_database
from tests.cast import Cast

Heard = list[tuple[str, int, int]]
NOW = timezone.now()


@pytest.fixture
def heard(monkeypatch: pytest.MonkeyPatch) -> Heard:
    """What the taps said: ("began" or "ended", meeting, participant). Nobody else
    listens: captions would ask the database who it is."""
    said: Heard = []
    for name in ("began", "ended"):
        tap: taps.Tap[[int, int]] = taps.Tap(name)
        tap.attach(lambda *about, name=name: said.append((name, *about)))
        monkeypatch.setattr(taps, f"sound_{name}", tap)
    return said


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
    track_rows.note(SegmentOpened(room, person, 1500, segment(person)), NOW)
    track = Track.objects.get(participant_id=person)
    assert (track.state, track.offset_ms, track.file) == ("open", 1500, "s1.ogg")
    closed = segment(
        person, state="closed", duration_ms=9000, gaps=((2000, 3000),), packets_lost=4
    )
    track_rows.note(SegmentClosed(room, person, 10_500, closed), NOW)
    track.refresh_from_db()
    assert (track.state, track.duration_ms, track.packets_lost) == ("closed", 9000, 4)
    assert track.gaps == [[2000, 3000]]


def test_it_tells_at_once_where_sound_begins_and_ends(heard: Heard) -> None:
    """Without a database, and not behind the rows that wait for one."""
    track_rows.take(SoundBegan("1", "2", 1500))
    track_rows.take(SoundEnded("1", "2", 10_500))
    assert heard == [("began", 1, 2), ("ended", 1, 2)]
    assert track_rows.entries.empty()


@pytest.fixture
def writer(transactional_db: None) -> Iterator[None]:
    thread = Thread(target=track_rows.write, args=(track_rows.entries,))
    thread.start()
    yield
    track_rows.entries.put(None)
    thread.join()


def test_rows_wait_for_as_long_as_the_database_is_away(
    cast: Cast, writer: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outage, "RETRY_SECONDS", 0.01)
    room, person = ids(cast)
    closed = segment(person, state="closed", duration_ms=9000)
    with fake_database.outage() as database, capture_logs() as said:
        database.away = True
        track_rows.take(SegmentOpened(room, person, 1500, segment(person)))
        track_rows.take(SegmentClosed(room, person, 10_500, closed))
        track_rows.take(Left(room, person, 10_500, "left"))
        database.wait_for(refused=100)
        left = timezone.now()
        database.away = False
        assert track_rows.flush()
    track = Track.objects.select_related("participant").get(participant_id=person)
    assert (track.state, track.duration_ms) == ("closed", 9000)
    assert track.participant.left_at is not None and track.participant.left_at < left
    assert [entry["event"] for entry in said] == [
        "the database is away",
        "the database is back",
    ]


def test_what_can_never_be_a_row_holds_up_no_other(cast: Cast, writer: None) -> None:
    room, person = ids(cast)
    nobody = segment(str(10**9))
    track_rows.take(SegmentOpened(room, "1000000000", 1500, nobody))
    track_rows.take(SegmentOpened(room, person, 1500, segment(person)))
    assert track_rows.flush()
    assert Track.objects.filter(participant_id=person).exists()


@pytest.mark.django_db(transaction=True)
def test_two_who_write_one_file_make_one_row(cast: Cast) -> None:
    _, person = ids(cast)
    together = Barrier(4)

    def save(number: int) -> None:
        together.wait()
        insist(lambda: track_rows.save(segment(person, file=f"{number}.ogg")), "a row")
        connection.close()

    for number in range(10):
        threads = [Thread(target=save, args=(number,)) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert Track.objects.filter(participant_id=person).count() == 10


def test_it_writes_an_event_down_once(cast: Cast) -> None:
    room, person = ids(cast)
    closed = segment(person, state="closed", duration_ms=9000)
    for _ in range(2):
        track_rows.note(SegmentClosed(room, person, 10_500, closed), NOW)
    assert Track.objects.filter(participant_id=person).count() == 1


def test_it_calls_a_file_without_sound_lost(cast: Cast) -> None:
    _, person = ids(cast)
    track_rows.save(segment(person))
    track = track_rows.save(segment(person, state="repaired", duration_ms=0))
    assert track.state == Track.State.LOST


def test_it_notes_who_left_and_who_came_back(cast: Cast) -> None:
    room, person = ids(cast)
    assert cast.guest.seat
    track_rows.note(Left(room, person, 5000, "timeout"), NOW)
    cast.guest.seat.refresh_from_db()
    assert cast.guest.seat.left_at is not None
    track_rows.note(Joined(room, person, 8000, "Gita", True, "session"), NOW)
    cast.guest.seat.refresh_from_db()
    assert cast.guest.seat.left_at is None


def test_a_former_holder_of_the_room_writes_no_row(cast: Cast, writer: None) -> None:
    room, person = ids(cast)
    former = Leases("former", print).take(cast.meeting.pk)
    client().delete(key("room", cast.meeting.pk))
    now = Leases("now", print).take(cast.meeting.pk)
    late, mine = segment(person, file="late.ogg"), segment(person, file="mine.ogg")
    track_rows.take(SegmentOpened(room, person, 1500, late), former)
    track_rows.take(Left(room, person, 1500, "left"), former)
    track_rows.take(SegmentOpened(room, person, 1500, mine), now)
    assert track_rows.flush()
    rows = Track.objects.filter(participant_id=person)
    assert [track.file for track in rows] == ["mine.ogg"]
    assert cast.guest.seat
    cast.guest.seat.refresh_from_db()
    assert cast.guest.seat.left_at is None

"""Sound that did not arrive is handed in by the browser that kept it."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from threading import Barrier
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from meetings import services
from meetings.media.egress.manifest import RecordingManifest
from meetings.media.events import Segment
from meetings.media.ingress.kept_sound import read_slice, write_slice
from meetings.media.pcm import load_pcm16k
from meetings.media.spans import Span
from meetings.models import ConsentChoice, Job, Meeting, Participant, Track
from meetings.models.participant import SOUND_TEXT
from meetings.models.recording import folder_of
from meetings.recordings import erasure, finishing, kept_sound, retention
from meetings.rooms import track_rows
from tests.cast import Cast, Visitor
from tests.fakes import kept_tone

RECORDED, UNRECORDED = Participant.Consent.RECORDED, Participant.Consent.UNRECORDED
OCTETS = "application/octet-stream"


@pytest.fixture
def call(cast: Cast, tmp_path: Path, settings: Any) -> Cast:
    """A call that began 100 s ago; the guest was away from 30 s to 61 s."""
    settings.RECORDINGS_DIR = tmp_path
    meeting = cast.meeting
    meeting.started_at = timezone.now() - timedelta(seconds=100)
    meeting.save()
    for visitor in (cast.owner, cast.guest):
        assert visitor.seat
        Participant.objects.filter(pk=visitor.seat.pk).update(
            entered_at=meeting.started_at
        )
        choose(cast, visitor, RECORDED, 0)
    record(cast, cast.owner, "owner", 0)
    record(cast, cast.guest, "before", 0, 43_000, (30_000, 43_000))
    record(cast, cast.guest, "after", 61_000)
    return cast


def choose(cast: Cast, visitor: Visitor, choice: str, at_ms: int) -> None:
    assert cast.meeting.started_at and visitor.seat
    ConsentChoice.objects.create(
        participant=visitor.seat,
        choice=choice,
        text_version=SOUND_TEXT,
        way=ConsentChoice.Way.ROOM,
        at=cast.meeting.started_at + timedelta(milliseconds=at_ms),
    )
    Participant.objects.filter(pk=visitor.seat.pk).update(consent=choice)


def record(
    cast: Cast,
    visitor: Visitor,
    name: str,
    offset_ms: int,
    duration_ms: int = 0,
    *gaps: Span,
) -> None:
    """A line of the manifest; open without a duration."""
    assert visitor.seat
    segment = Segment(
        id=name,
        participant_id=str(visitor.seat.pk),
        source="microphone",
        kind="audio",
        codec="opus",
        file=f"{name}.ogg",
        offset_ms=offset_ms,
    )
    if duration_ms:
        segment = replace(segment, state="closed", duration_ms=duration_ms, gaps=gaps)
    RecordingManifest(folder_of(cast.meeting)).append(segment)


def path(cast: Cast) -> str:
    return f"/room/{cast.code}/kept-sound/"


def post(cast: Cast, visitor: Visitor, data: bytes, content_type: str = OCTETS) -> Any:
    return visitor.client.post(path(cast), data, content_type=content_type)


def refused(answer: Any) -> tuple[int, str]:
    return answer.status_code, answer.json()["error"]["code"]


def missing(cast: Cast) -> list[list[int]]:
    answer: Any = cast.guest.client.get(path(cast))
    assert answer.status_code == 200
    spans: list[list[int]] = answer.json()["missing"]
    return spans


def late(cast: Cast) -> list[Track]:
    return list(Track.objects.filter(participant=cast.guest.seat, handed_in=True))


# -- what is missing


def test_what_is_missing_is_told_to_who_has_a_seat(call: Cast) -> None:
    assert call.let_in(path(call)) == {"owner", "guest"}


def test_it_tells_what_is_missing_of_the_one_who_asks(call: Cast) -> None:
    told: Any = call.guest.client.get(path(call)).json()
    assert call.guest.seat
    assert told == {
        "participant": call.guest.seat.pk,
        "missing": [[30_000, 61_000]],
        "settled_ms": 61_000,
    }
    assert call.owner.client.get(path(call)).json()["missing"] == []


def test_nothing_is_missing_of_the_time_of_a_no(call: Cast) -> None:
    choose(call, call.guest, UNRECORDED, 40_000)
    choose(call, call.guest, RECORDED, 50_000)
    assert missing(call) == [[30_000, 40_000], [50_000, 61_000]]


def test_nothing_is_missing_of_who_never_agreed(call: Cast) -> None:
    ConsentChoice.objects.filter(participant=call.guest.seat).delete()
    assert missing(call) == []


def test_nothing_is_missing_after_the_end(call: Cast) -> None:
    record(call, call.guest, "after", 61_000, 19_000)
    Meeting.objects.filter(pk=call.meeting.pk).update(
        state=Meeting.State.ENDED,
        ended_at=call.meeting.started_at + timedelta(seconds=90),  # type: ignore[operator]
    )
    assert missing(call) == [[30_000, 61_000], [80_000, 90_000]]
    # a browser that was away kept on for longer: that is settled, too
    assert call.guest.client.get(path(call)).json()["settled_ms"] >= 100_000


# -- what is handed in


def test_sound_is_taken_of_who_has_a_seat(call: Cast) -> None:
    """It is missing of the guest, and not of the owner."""
    answers = {
        visitor.name: post(call, visitor, kept_tone(30_000, 2.0)).status_code
        for visitor in call.everybody
    }
    assert answers == {
        "owner": 409,
        "teammate": 404,
        "guest": 200,
        "other_guest": 404,
        "stranger": 404,
        "nobody": 404,
    }


def test_it_becomes_a_closed_file_beside_the_others(call: Cast) -> None:
    answer = post(call, call.guest, kept_tone(30_000, 31.0))
    assert answer.json()["missing"] == []
    (track,) = late(call)
    assert (track.state, track.source) == (Track.State.CLOSED, "microphone")
    assert (track.offset_ms, track.duration_ms) == (30_000, 31_000)
    sound = load_pcm16k(track.path)
    assert len(sound) / 16_000 == pytest.approx(31, abs=0.02)
    assert sound.std() > 0.1
    segments = RecordingManifest(folder_of(call.meeting)).load()
    assert segments[Path(track.file).stem].handed_in


def test_the_rest_of_a_stretch_comes_after_a_break(call: Cast) -> None:
    post(call, call.guest, kept_tone(30_000, 10.0))
    assert missing(call) == [[40_000, 61_000]]
    post(call, call.guest, kept_tone(40_010, 20.98))
    assert missing(call) == []
    assert [t.offset_ms for t in late(call)] == [30_000, 40_010]


def test_the_same_comes_once(call: Cast) -> None:
    assert post(call, call.guest, kept_tone(30_000, 10.0)).status_code == 200
    again = post(call, call.guest, kept_tone(30_000, 10.0))
    assert refused(again) == (409, "not_missing")
    assert len(late(call)) == 1
    files = {path.name for path in folder_of(call.meeting).iterdir()}
    assert files == {"manifest.jsonl", late(call)[0].file}


@pytest.mark.django_db(transaction=True)
def test_of_two_at_once_one_is_taken(call: Cast) -> None:
    seat = Participant.objects.get(pk=call.guest.seat.pk)  # type: ignore[union-attr]
    together = Barrier(4)

    def hand_in(number: int) -> bool:
        kept = read_slice(kept_tone(30_000, 5.0))
        together.wait()
        try:
            kept_sound.hand_in(Participant.objects.get(pk=seat.pk), kept)
        except kept_sound.NotTaken:
            return False
        finally:
            connection.close()
        return True

    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(hand_in, range(4))) == 1
    assert len(late(call)) == 1


# -- what is refused


def test_who_is_not_recorded_hands_in_nothing(call: Cast) -> None:
    choose(call, call.guest, UNRECORDED, 70_000)
    answer = post(call, call.guest, kept_tone(30_000, 2.0))
    assert refused(answer) == (403, "unrecorded")
    assert refused(call.guest.client.get(path(call))) == (403, "unrecorded")
    assert late(call) == []


def test_a_no_that_comes_meanwhile_holds(
    call: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    write = write_slice

    def write_late(*words: Any) -> int:
        choose(call, call.guest, UNRECORDED, 90_000)
        return write(*words)

    monkeypatch.setattr(kept_sound, "write_slice", write_late)
    answer = post(call, call.guest, kept_tone(30_000, 2.0))
    assert refused(answer) == (403, "unrecorded")
    assert [p.name for p in folder_of(call.meeting).iterdir()] == ["manifest.jsonl"]


@pytest.mark.parametrize(
    "data, status, code",
    [
        (b"GIF89a", 400, "not_sound"),
        (kept_tone(5_000, 2.0), 409, "not_missing"),
        (kept_tone(59_500, 2.0), 409, "not_missing"),
        (kept_tone(29_000, 2.0), 409, "not_missing"),
        (kept_tone(200_000, 2.0), 409, "not_missing"),  # of the future
        (bytes(1024 * 1024 + 1), 413, "too_large"),
    ],
)
def test_it_says_what_is_wrong(call: Cast, data: bytes, status: int, code: str) -> None:
    assert refused(post(call, call.guest, data)) == (status, code)
    assert late(call) == []


def test_a_form_is_no_slice(call: Cast) -> None:
    answer = post(call, call.guest, b"a=b", content_type="text/plain")
    assert refused(answer) == (415, "bad_type")


def test_nobody_hands_in_without_end(
    call: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kept_sound, "MOST_MS", 15_000)
    assert post(call, call.guest, kept_tone(30_000, 10.0)).status_code == 200
    more = post(call, call.guest, kept_tone(40_000, 10.0))
    assert refused(more) == (413, "too_much")


def test_a_page_of_somewhere_else_hands_in_nothing(call: Cast) -> None:
    call.guest.client.handler.enforce_csrf_checks = True
    assert post(call, call.guest, kept_tone(30_000, 2.0)).status_code == 403
    assert late(call) == []


def test_who_was_put_out_hands_in_nothing(call: Cast) -> None:
    Participant.objects.filter(pk=call.guest.seat.pk).update(  # type: ignore[union-attr]
        removed_at=timezone.now()
    )
    answer = post(call, call.guest, kept_tone(30_000, 2.0))
    assert refused(answer) == (404, "no_seat")


def test_a_disk_that_is_full_is_told(
    call: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*words: Any) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(kept_sound, "write_slice", full)
    answer = post(call, call.guest, kept_tone(30_000, 2.0))
    assert refused(answer) == (507, "not_written")


# -- after the call


def over(call: Cast) -> None:
    record(call, call.guest, "after", 61_000, 30_000)
    record(call, call.owner, "owner", 0, 91_000)
    services.end_meeting(call.meeting)
    Job.objects.all().delete()  # the chain has run


def test_after_the_call_the_chain_runs_again(call: Cast) -> None:
    over(call)
    assert post(call, call.guest, kept_tone(30_000, 31.0)).status_code == 200
    assert [job.kind for job in Job.objects.all()] == ["repair"]


def test_a_call_that_ended_yesterday_takes_nothing(call: Cast) -> None:
    over(call)
    Meeting.objects.update(ended_at=timezone.now() - timedelta(hours=25))
    answer = post(call, call.guest, kept_tone(30_000, 2.0))
    assert refused(answer) == (410, "too_late")


def test_a_call_that_was_deleted_takes_nothing(
    call: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    over(call)
    write = write_slice

    def write_late(*words: Any) -> int:
        duration = write(*words)
        retention.delete(Meeting.objects.get(pk=call.meeting.pk))
        return duration

    monkeypatch.setattr(kept_sound, "write_slice", write_late)
    answer = post(call, call.guest, kept_tone(30_000, 2.0))
    assert refused(answer) == (404, "gone")
    monkeypatch.setattr(kept_sound, "write_slice", write)
    answer = post(call, call.guest, kept_tone(30_000, 2.0))
    assert refused(answer) == (404, "no_seat")


@pytest.mark.django_db(transaction=True)
def test_it_goes_with_the_person_it_is_of(call: Cast) -> None:
    over(call)
    post(call, call.guest, kept_tone(30_000, 31.0))
    (track,) = late(call)
    file = track.path
    Job.objects.all().delete()
    person = Participant.objects.get(pk=track.participant_id)
    erasure.erase(person, call.meeting.owner)
    erasure.clean_up(Job.objects.get(kind="erase"), lambda _: None)
    assert not file.exists()
    assert file.stem not in RecordingManifest(file.parent).load()


def test_adopting_makes_no_second_row(call: Cast) -> None:
    over(call)
    post(call, call.guest, kept_tone(30_000, 31.0))
    track_rows.adopt(call.meeting)
    (track,) = late(call)
    assert track in finishing.readable_tracks(call.meeting)


def test_a_file_whose_row_was_not_written_is_missing_still(
    call: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The process was killed between the two."""
    post(call, call.guest, kept_tone(30_000, 31.0))
    Track.objects.all().delete()
    assert missing(call) == [[30_000, 61_000]]

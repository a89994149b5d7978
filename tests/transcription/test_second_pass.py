import itertools
from collections.abc import Iterator

import pytest
from django.conf import settings
from django.utils import timezone

from meetings import jobs
from meetings.media.pcm import Samples, read_pcm16k
from meetings.models import Job, Participant, Track
from meetings.models.job import ATTEMPTS
from tests.cast import Cast
from transcription import second_pass
from transcription.models import Removal, Utterance
from transcription.second_pass import NOT_HEARD_AGAIN, Replacement
from transcription.serving import server
from transcription.speech.engine.captions import HeardUtterance, Word

pytestmark = pytest.mark.django_db

CALL = settings.BASE_DIR / "tests" / "espeak_call"


@pytest.fixture
def track(cast: Cast) -> Track:
    seat = cast.owner.seat
    assert seat is not None
    return Track.objects.create(
        participant=seat, file="a.ogg", offset_ms=1000, duration_ms=60_000
    )


def line(speaker: Participant, start_ms: int, end_ms: int, text: str) -> Utterance:
    return Utterance.objects.create(
        meeting=speaker.meeting,
        participant=speaker,
        start_ms=start_ms,
        end_ms=end_ms,
        text=text,
        caption_id=text,
    )


def heard(start: float, end: float, text: str) -> HeardUtterance:
    words = (Word(" " + text, start, end, 0.9),)
    return HeardUtterance(start, end, text, text, words, "en", 0.9)


def replace(track: Track, *lines: HeardUtterance) -> None:
    replacement = Replacement(track)
    for new in lines:
        replacement.take(new)
    replacement.finish()


def texts() -> list[str]:
    return [u.text for u in Utterance.objects.all()]


def test_it_takes_the_place_of_the_live_line_it_covers(track: Track) -> None:
    live = line(track.participant, 2000, 4000, "God morning")
    replace(track, heard(1.0, 3.0, "Good morning"))
    live.refresh_from_db()
    assert (live.text, live.start_ms, live.end_ms) == ("Good morning", 2000, 4000)
    assert live.is_final_pass
    assert live.words == [["Good morning", 2000, 4000, 0.9]]


def test_one_long_line_takes_the_place_of_two(track: Track) -> None:
    line(track.participant, 2000, 4000, "Good")
    line(track.participant, 4200, 5000, "morning")
    replace(track, heard(1.0, 4.0, "Good morning"))
    assert texts() == ["Good morning"]
    assert not Removal.objects.exists()


def test_two_lines_take_the_place_of_one(track: Track) -> None:
    live = line(track.participant, 2000, 6000, "Good morning How are you")
    replace(track, heard(1.0, 2.0, "Good morning"), heard(2.2, 5.0, "How are you"))
    assert texts() == ["Good morning", "How are you"]
    live.refresh_from_db()
    assert live.text == "Good morning"


def test_a_live_line_that_is_not_heard_again_goes_to_the_ledger(track: Track) -> None:
    line(track.participant, 10_000, 11_000, "Thank you")
    replace(track, heard(1.0, 3.0, "Good morning"))
    assert texts() == ["Good morning"]
    removal = Removal.objects.get()
    assert (removal.raw, removal.reason) == ("Thank you", NOT_HEARD_AGAIN)


def test_a_line_of_an_earlier_pass_goes_to_the_ledger_too(track: Track) -> None:
    replace(track, heard(1.0, 3.0, "Good morning"), heard(9.0, 9.5, "Thank you"))
    replace(track, heard(1.0, 3.0, "Good morning"))
    assert texts() == ["Good morning"]
    assert [row.raw for row in Removal.objects.all()] == ["Thank you"]


def test_lines_of_other_people_and_other_tracks_stay(cast: Cast, track: Track) -> None:
    assert cast.guest.seat is not None
    line(cast.guest.seat, 2000, 4000, "Hello")
    line(track.participant, 70_000, 71_000, "Later")
    replace(track, heard(1.0, 3.0, "Good morning"))
    assert sorted(texts()) == ["Good morning", "Hello", "Later"]


def test_a_live_line_that_comes_meanwhile_does_not_stay_beside_its_own(
    track: Track,
) -> None:
    replacement = Replacement(track)
    replacement.take(heard(1.0, 3.0, "Good morning"))
    line(track.participant, 2000, 4000, "God morning")
    line(track.participant, 70_000, 71_000, "Later")
    replacement.finish()
    assert texts() == ["Good morning", "Later"]


def test_a_line_over_the_edge_is_of_the_track_that_has_most_of_it(
    cast: Cast, track: Track
) -> None:
    """Its file began late, or ended early: the disk was full."""
    line(track.participant, 900, 3000, "God morning")
    line(track.participant, 60_900, 63_000, "Later")
    replace(track, heard(0.0, 2.0, "Good morning"))
    assert texts() == ["Good morning", "Later"]


def test_running_it_twice_changes_nothing(track: Track) -> None:
    line(track.participant, 2000, 4000, "God morning")
    new = [heard(1.0, 3.0, "Good morning"), heard(5.0, 6.0, "Yes")]
    replace(track, *new)
    first = list(Utterance.objects.values("pk", "text", "start_ms"))
    replace(track, *new)
    assert list(Utterance.objects.values("pk", "text", "start_ms")) == first
    assert not Removal.objects.exists()


def restored(speaker: Participant, start_ms: int, end_ms: int, text: str) -> None:
    """A line that the bag took, and a person gave back."""
    row = line(speaker, start_ms, end_ms, text)
    Removal.objects.create(
        meeting=row.meeting,
        participant=speaker,
        utterance=row,
        raw=text,
        reason="ambiguous phrase",
        start_ms=start_ms,
        end_ms=end_ms,
        restored_at=timezone.now(),
    )


def test_a_line_that_a_person_restored_stays(track: Track) -> None:
    restored(track.participant, 10_000, 11_000, "Thank you")
    replace(track, heard(1.0, 3.0, "Good morning"))
    assert texts() == ["Good morning", "Thank you"]


def test_a_line_that_a_person_restored_is_not_written_a_second_time(
    track: Track,
) -> None:
    restored(track.participant, 2000, 4000, "Thank you.")
    replace(track, heard(1.1, 3.0, "Thank you."), heard(5.0, 6.0, "And now?"))
    assert texts() == ["Thank you.", "And now?"]


@pytest.fixture
def serve(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(server.here(), "_now", server.Serving())
    yield
    server.here().stop()


@pytest.mark.django_db(transaction=True)
def test_a_stop_of_the_engine_costs_no_attempt(
    serve: None, track: Track, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Three deploys while one transcript is written."""

    def sound(track: Track) -> Iterator[Samples]:
        yield from itertools.islice(samples, 400)  # 8 s
        server.here().stop()
        yield from samples

    Track.objects.update(state=Track.State.CLOSED)
    samples = (part for _, part in read_pcm16k(CALL / "ben.ogg"))
    monkeypatch.setattr(second_pass, "_samples", sound)
    job = jobs.request("second_pass", track.participant.meeting)
    for _ in range(ATTEMPTS + 1):
        jobs.run(job.pk)
        job.refresh_from_db()
        assert (job.state, job.attempt, job.error) == (Job.State.QUEUED, 0, "")

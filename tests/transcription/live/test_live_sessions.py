"""Whose sound is heard when tracks begin, roll over and end."""

from collections.abc import Iterator

import pytest
from django.conf import settings

from benchmarks.fixture_model import FIXTURE_MODEL
from meetings.media.pcm import PCMChunk, read_pcm16k
from meetings.models import Participant
from tests import fake_database
from tests.cast import Cast
from transcription.live.live_captions import LiveCaptions
from transcription.live.session import CaptionSession
from transcription.models import Configuration, Language, Utterance
from transcription.serving import server
from transcription.tuning import snapshot

pytestmark = pytest.mark.django_db(transaction=True)

CALL = settings.BASE_DIR / "tests" / "espeak_call"
FIRST, SECOND = (7.0, 11.0), (15.0, 20.0)  # seconds in which Ben says one sentence


@pytest.fixture(autouse=True)
def serve(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(settings, "WHISPER_MODEL", str(FIXTURE_MODEL))
    monkeypatch.setattr(snapshot, "_now", snapshot.Snapshot())
    monkeypatch.setattr(server.here(), "_now", server.Serving())
    Configuration.now()
    for code in ("en", "fr"):
        Language.objects.get_or_create(code=code)
    server.here().ensure()
    yield
    server.here().stop()


@pytest.fixture
def seat(cast: Cast) -> Participant:
    assert cast.owner.seat is not None
    return cast.owner.seat


@pytest.fixture
def captions(serve: None) -> Iterator[LiveCaptions]:
    captions = LiveCaptions()
    yield captions
    assert captions.stop()


def speak(
    captions: LiveCaptions, speaker: Participant, span: tuple[float, float]
) -> None:
    for t, samples in read_pcm16k(CALL / "ben.ogg"):
        if span[0] * 1000 <= t < span[1] * 1000:
            captions.hear(speaker.pk, PCMChunk(t, samples))


def introduced(captions: LiveCaptions, speaker: Participant) -> CaptionSession:
    session = captions.session(speaker.pk)
    assert session is not None and session.introduced.wait(5)
    return session


def lines() -> list[str]:
    return [line.text for line in Utterance.objects.all()]


def test_the_end_of_an_old_track_does_not_end_the_new_one(
    captions: LiveCaptions, seat: Participant
) -> None:
    captions.begin(seat.meeting_id, seat.pk)
    speak(captions, seat, FIRST)
    captions.begin(
        seat.meeting_id, seat.pk
    )  # the next file is open before this is closed
    captions.end(seat.meeting_id, seat.pk)
    speak(captions, seat, SECOND)
    captions.end(seat.meeting_id, seat.pk)
    captions.finish(seat.meeting_id)
    assert len(lines()) == 2
    assert lines()[1].startswith("I am the director")


def test_a_meeting_waits_for_the_last_line_of_who_left(
    captions: LiveCaptions, seat: Participant
) -> None:
    captions.begin(seat.meeting_id, seat.pk)
    speak(captions, seat, (FIRST[0], 9.0))  # in the middle of a sentence
    captions.end(seat.meeting_id, seat.pk)
    captions.finish(seat.meeting_id)
    assert len(lines()) == 1


def test_sound_is_kept_while_the_database_is_away(
    captions: LiveCaptions, seat: Participant
) -> None:
    with fake_database.outage() as database:
        database.away = True
        captions.begin(seat.meeting_id, seat.pk)
        speak(captions, seat, FIRST)
        speak(captions, seat, SECOND)
        database.wait_for(refused=2)
        captions.end(seat.meeting_id, seat.pk)  # even who leaves before it is back
        database.away = False
        captions.finish(seat.meeting_id)
    assert len(lines()) == 2
    assert lines()[1].startswith("I am the director")


def test_a_line_waits_while_the_database_is_away(
    captions: LiveCaptions, seat: Participant
) -> None:
    captions.begin(seat.meeting_id, seat.pk)
    introduced(captions, seat)
    with fake_database.outage() as database:
        database.away = True
        speak(captions, seat, FIRST)
        captions.end(seat.meeting_id, seat.pk)
        database.wait_for(refused=2)
        database.away = False
        captions.finish(seat.meeting_id)
    assert len(lines()) == 1


def test_nobody_waits_for_a_person_who_is_gone(
    captions: LiveCaptions, seat: Participant
) -> None:
    captions.begin(seat.meeting_id, 10**9)
    captions.end(seat.meeting_id, 10**9)
    assert captions.conclude(seat.meeting_id)


def test_an_open_stream_detects_what_is_allowed_now(
    captions: LiveCaptions, seat: Participant
) -> None:
    captions.begin(seat.meeting_id, seat.pk)
    session = introduced(captions, seat)
    speak(captions, seat, (0.0, 1.0))
    Language.objects.filter(code="fr").delete()
    Configuration.publish()
    change = snapshot.look()
    assert change is not None
    captions.follow(change[1])
    stream = session.stream
    assert stream is not None
    assert "fr" in change[0].allowed
    assert stream.detector.allowed == change[1].allowed
    captions.finish(seat.meeting_id)


def test_it_stops_with_every_line_written(
    captions: LiveCaptions, seat: Participant
) -> None:
    captions.begin(seat.meeting_id, seat.pk)
    speak(captions, seat, FIRST)
    session = introduced(captions, seat)
    captions.end(seat.meeting_id, seat.pk)
    assert session.wait(20)
    assert captions.stop()
    assert len(lines()) == 1

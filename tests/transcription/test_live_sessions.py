"""Whose sound is heard when tracks begin, roll over and end."""

from collections.abc import Iterator

import pytest
from django.conf import settings

from benchmarks.fixture_model import FIXTURE_MODEL
from meetings.media.pcm import PCMChunk, read_pcm16k
from meetings.models import Participant
from tests import fake_database
from tests.cast import Cast
from transcription import languages, live, serving
from transcription.models import Configuration, Language, Utterance

pytestmark = pytest.mark.django_db(transaction=True)

CALL = settings.BASE_DIR / "tests" / "espeak_call"
FIRST, SECOND = (7.0, 11.0), (15.0, 20.0)  # seconds in which Ben says one sentence


@pytest.fixture(autouse=True)
def serve(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(settings, "WHISPER_MODEL", str(FIXTURE_MODEL))
    monkeypatch.setattr(languages, "_now", languages.Snapshot())
    monkeypatch.setattr(serving, "_now", serving.Serving())
    Configuration.now()
    for code in ("en", "fr"):
        Language.objects.get_or_create(code=code)
    serving.ensure()
    yield
    serving.stop()


@pytest.fixture
def seat(cast: Cast) -> Participant:
    assert cast.owner.seat is not None
    return cast.owner.seat


def speak(speaker: Participant, span: tuple[float, float]) -> None:
    for t, samples in read_pcm16k(CALL / "ben.ogg"):
        if span[0] * 1000 <= t < span[1] * 1000:
            live.hear(speaker.pk, PCMChunk(t, samples))


def lines() -> list[str]:
    return [line.text for line in Utterance.objects.all()]


def test_the_end_of_an_old_track_does_not_end_the_new_one(seat: Participant) -> None:
    live.begin(seat.meeting_id, seat.pk)
    speak(seat, FIRST)
    live.begin(seat.meeting_id, seat.pk)  # the next file is open before this is closed
    live.end(seat.meeting_id, seat.pk)
    speak(seat, SECOND)
    live.end(seat.meeting_id, seat.pk)
    live.finish(seat.meeting_id)
    assert len(lines()) == 2
    assert lines()[1].startswith("I am the director")


def test_a_meeting_waits_for_the_last_line_of_who_left(seat: Participant) -> None:
    live.begin(seat.meeting_id, seat.pk)
    speak(seat, (FIRST[0], 9.0))  # in the middle of a sentence
    live.end(seat.meeting_id, seat.pk)
    live.finish(seat.meeting_id)
    assert len(lines()) == 1


def test_sound_is_kept_while_the_database_is_away(seat: Participant) -> None:
    with fake_database.outage() as database:
        database.away = True
        live.begin(seat.meeting_id, seat.pk)
        speak(seat, FIRST)
        speak(seat, SECOND)
        database.wait_for(refused=2)
        live.end(seat.meeting_id, seat.pk)  # even who leaves before it is back
        database.away = False
        live.finish(seat.meeting_id)
    assert len(lines()) == 2
    assert lines()[1].startswith("I am the director")


def test_a_line_waits_while_the_database_is_away(seat: Participant) -> None:
    live.begin(seat.meeting_id, seat.pk)
    assert live._sessions[seat.pk].introduced.wait(5)
    with fake_database.outage() as database:
        database.away = True
        speak(seat, FIRST)
        live.end(seat.meeting_id, seat.pk)
        database.wait_for(refused=2)
        database.away = False
        live.finish(seat.meeting_id)
    assert len(lines()) == 1


def test_nobody_waits_for_a_person_who_is_gone(seat: Participant) -> None:
    live.begin(seat.meeting_id, 10**9)
    live.end(seat.meeting_id, 10**9)
    assert live.conclude(seat.meeting_id)


def test_an_open_stream_detects_what_is_allowed_now(seat: Participant) -> None:
    live.begin(seat.meeting_id, seat.pk)
    assert live._sessions[seat.pk].introduced.wait(5)
    speak(seat, (0.0, 1.0))
    Language.objects.filter(code="fr").delete()
    Configuration.publish()
    change = languages.look()
    assert change is not None
    live.follow(change[1])
    stream = live._sessions[seat.pk].stream
    assert stream is not None
    assert "fr" in change[0].allowed
    assert stream.tongue.allowed == change[1].allowed
    live.finish(seat.meeting_id)

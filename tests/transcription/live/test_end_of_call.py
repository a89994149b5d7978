"""From the last live line to the second pass: every line once, none of them live."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as site

from benchmarks.fixture_model import FIXTURE_MODEL
from meetings import jobs
from meetings.media.pcm import PCMChunk, read_pcm16k
from meetings.models import Job, Participant, Track
from meetings.models.recording import folder_of
from tests.cast import Cast
from tests.fake_database import Slow
from transcription import rows, second_pass
from transcription.live import live_captions, messages
from transcription.models import Configuration, Language, Utterance
from transcription.serving import server
from transcription.tuning import snapshot

pytestmark = pytest.mark.django_db(transaction=True)

BEN = site.BASE_DIR / "tests" / "espeak_call" / "ben.ogg"
SAID = 11_000  # ms, in which Ben says one sentence


@pytest.fixture(autouse=True)
def serve(settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    settings.WHISPER_MODEL, settings.RECORDINGS_DIR = str(FIXTURE_MODEL), tmp_path
    monkeypatch.setattr(snapshot, "_now", snapshot.Snapshot())
    monkeypatch.setattr(server.here(), "_now", server.Serving())
    Configuration.now()
    Language.objects.get_or_create(code="en")
    server.here().ensure()
    yield
    server.here().stop()


@pytest.fixture
def writer(monkeypatch: pytest.MonkeyPatch) -> Iterator[Slow]:
    """What turns finals into rows, with its dials."""
    slow = Slow(rows.save_final)
    monkeypatch.setattr(rows, "save_final", slow)
    yield slow
    slow.turns.set()


def call(cast: Cast) -> Participant:
    """Ben has said his sentence and left; his file lies there."""
    seat = cast.owner.seat
    assert seat is not None
    live_captions.current().begin(seat.meeting_id, seat.pk)
    for t, samples in read_pcm16k(BEN):
        if t < SAID:
            live_captions.current().hear(seat.pk, PCMChunk(t, samples))
    live_captions.current().end(seat.meeting_id, seat.pk)
    shutil.copy(BEN, folder_of(seat.meeting) / "ben.ogg")
    Track.objects.create(
        participant=seat, file="ben.ogg", state="closed", duration_ms=SAID
    )
    return seat


def hear_again(seat: Participant) -> Job:
    job = jobs.request("second_pass", seat.meeting)
    second_pass.run(job, lambda share: None)
    return job


def lines() -> list[tuple[str, str]]:
    rows = Utterance.objects.filter(start_ms__lt=SAID)
    return [(row.transcript_pass, row.text) for row in rows]


def test_no_line_stays_live_beside_that_of_the_second_pass(
    cast: Cast, writer: Slow, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The job may come before the last final is even said: the model is slow."""
    monkeypatch.setattr(messages, "message", Slow(messages.message, seconds=2.0))
    writer.seconds = 1.0
    seat = call(cast)
    hear_again(seat)
    live_captions.current().finish(seat.meeting_id)
    assert [kind for kind, _ in lines()] == ["final"]


def test_the_second_pass_waits_for_a_writer_that_is_stuck(
    cast: Cast, writer: Slow, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(second_pass, "LAST_LINES_SECONDS", 0.5)
    writer.turns.clear()
    seat = call(cast)
    with pytest.raises(jobs.JobWaits):
        hear_again(seat)
    assert lines() == []
    writer.turns.set()
    assert live_captions.current().conclude(seat.meeting_id)
    hear_again(seat)
    assert [kind for kind, _ in lines()] == ["final"]


def test_it_does_not_wait_for_the_lines_of_another_call(
    cast: Cast, writer: Slow, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(second_pass, "LAST_LINES_SECONDS", 1.0)
    writer.turns.clear()
    seat = call(cast)
    assert cast.other_guest.seat
    hear_again(cast.other_guest.seat)
    writer.turns.set()
    assert live_captions.current().conclude(seat.meeting_id)

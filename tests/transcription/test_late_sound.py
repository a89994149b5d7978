"""What was handed in becomes text: in the call at its time, after it with all else."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from django.conf import settings as django_settings

from benchmarks.fixture_model import FIXTURE_MODEL
from meetings import jobs, taps
from meetings.media.egress.stems import opus_packets
from meetings.media.packets import OPUS_SILENCE
from meetings.media.writers import OggOpusWriter
from meetings.models import Job, Meeting, Participant, Track
from meetings.models.recording import folder_of
from tests.cast import Cast
from transcription import late_sound
from transcription.live import live_captions
from transcription.models import Removal, Utterance
from transcription.serving import server
from transcription.stretches import TouchingTracks, stretches

pytestmark = pytest.mark.django_db(transaction=True)

ANNA = django_settings.BASE_DIR / "tests" / "espeak_call" / "anna.ogg"
PACKETS = list(opus_packets(ANNA))[: 50 * 8]  # 8 s
SAID = (
    "Hello everyone, this is Anna from Northwind. Hi Ben, thanks for joining the call."
)


@pytest.fixture(autouse=True)
def _served(settings: Any, tmp_path: Path, monkeypatch: Any) -> Iterator[None]:
    settings.RECORDINGS_DIR = tmp_path
    settings.WHISPER_MODEL = str(FIXTURE_MODEL)
    settings.WHISPER_DEVICE = "cpu"
    monkeypatch.setattr(server.here(), "_now", server.Serving())
    yield
    server.here().stop()


def track(
    person: Participant, start_ms: int, packets: list[bytes], handed_in: bool = False
) -> Track:
    writer = OggOpusWriter(folder_of(person.meeting) / f"{start_ms}-{handed_in}.ogg")
    for data in packets:
        writer.write(data)
    writer.close()
    return Track.objects.create(
        participant=person,
        state=Track.State.CLOSED,
        file=writer.path.name,
        offset_ms=start_ms,
        duration_ms=writer.duration_ms,
        handed_in=handed_in,
    )


def broken(person: Participant) -> list[Track]:
    """Anna's first 8 s; the line broke within her sentences, from 3 s to 6.5 s."""
    before = [*PACKETS[:150], *[OPUS_SILENCE] * 100]  # 2 s until she had left
    return [
        track(person, 0, before),
        track(person, 3000, PACKETS[150:325], handed_in=True),
        track(person, 6500, PACKETS[325:]),
    ]


def anna(cast: Cast) -> Participant:
    assert cast.owner.seat
    cast.owner.seat.meeting = cast.meeting
    return cast.owner.seat


def run(kind: str) -> None:
    for job in Job.objects.filter(kind=kind, state=Job.State.QUEUED):
        jobs.run(job.pk)
        job.refresh_from_db()
        assert (job.state, job.error) == (Job.State.DONE, "")


def text() -> str:
    return " ".join(row.text for row in Utterance.objects.all())


def test_what_touches_is_heard_as_one(cast: Cast) -> None:
    first, late, last = broken(anna(cast))
    alone = track(anna(cast), 20_000, PACKETS[:50])
    assert stretches([first, late, last, alone]) == [
        TouchingTracks((first, late, last)),
        alone,
    ]
    assert stretches([first, last, alone]) == [first, last, alone]


def test_the_second_pass_hears_sentences_over_the_edges(cast: Cast) -> None:
    broken(anna(cast))
    Meeting.objects.update(state=Meeting.State.ENDED)
    jobs.request("second_pass", cast.meeting)
    run("second_pass")
    assert text() == SAID
    assert not Removal.objects.filter(reason="second_pass").exists()


def test_what_was_handed_in_is_no_line_twice(cast: Cast) -> None:
    """A pass before it was here, one in the call, and one with all of it."""
    first, late, last = broken(anna(cast))
    Track.objects.filter(pk=late.pk).update(state=Track.State.OPEN)
    jobs.request("second_pass", cast.meeting)
    run("second_pass")
    Track.objects.filter(pk=late.pk).update(state=Track.State.CLOSED)
    late_sound.begin(late.pk)
    run("late_sound")
    jobs.request("second_pass", cast.meeting)
    run("second_pass")
    assert text() == SAID


async def test_its_lines_are_shown_in_the_call(cast: Cast) -> None:
    person = anna(cast)
    hub = await sync_to_async(live_captions.current().hubs.get)(cast.meeting.pk)
    late = await sync_to_async(track)(person, 60_000, PACKETS, True)
    path = f"/ws/captions/{cast.code}/"
    async with cast.owner.socket(path) as (_, socket):
        await socket.receive_from()
        await sync_to_async(taps.handed_in.publish)(late.pk)
        await sync_to_async(run)("late_sound")
        line = json.loads(await socket.receive_from(5))
        hub.add([line])  # told by another process, too
        assert await socket.receive_nothing(0.2)
    assert (line["stable"], line["final"]) == (SAID, True)
    assert 61_000 < line["start_ms"] < 62_500
    live_captions.current().hubs.close(cast.meeting.pk)


def test_after_the_call_it_is_left_to_the_second_pass(cast: Cast) -> None:
    late = track(anna(cast), 3000, PACKETS[150:325], handed_in=True)
    Meeting.objects.update(state=Meeting.State.ENDED)
    taps.handed_in.publish(late.pk)
    assert not Job.objects.exists()


def test_who_is_deleted_meanwhile_has_no_line(cast: Cast) -> None:
    late = track(anna(cast), 3000, PACKETS[150:325], handed_in=True)
    late_sound.begin(late.pk)
    Track.objects.all().delete()
    run("late_sound")
    assert not Utterance.objects.exists()

"""The page of who spoke: who may, what a transcript does, what is refused."""

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from dashboard.stats.compute import figures
from dashboard.stats.gather import timeline_of
from meetings import jobs
from meetings.models import Job, Meeting, Participant, Track
from tests.cast import Cast
from tests.dashboard.calls import say
from transcription.models import SharedTrack, Utterance

NAMED = b"""WEBVTT

00:00:01.000 --> 00:00:02.500
Anna Smith: are you well today my friend

00:00:02.800 --> 00:00:05.000
Ben: yes I am thank you
"""


@pytest.fixture
def mixed(cast: Cast, owner: Participant) -> Participant:
    """The cast's call, as if it had been imported with one track."""
    Track.objects.create(
        participant=owner,
        source="import",
        state=Track.State.CLOSED,
        file="a.ogg",
        duration_ms=60_000,
    )
    SharedTrack.objects.create(seat=owner, by_voice=False)  # there is no sound
    say(owner, 1000, "Are you well today my friend? Yes I am, thank you.")
    return owner


def send(cast: Cast, data: bytes | None, name: str = "call.vtt") -> Any:
    files = {} if data is None else {"transcript": SimpleUploadedFile(name, data)}
    return cast.owner.client.post(f"/calls/{cast.code}/speakers/", files)


def work(meeting: Meeting) -> None:
    for job in meeting.jobs.filter(kind="speakers", state=Job.State.QUEUED):
        jobs.run(job.pk)


def names() -> list[str]:
    rows = Utterance.objects.select_related("participant")
    return [row.participant.name for row in rows]


def test_it_lets_who_runs_the_call_say_who_spoke(
    cast: Cast, mixed: Participant
) -> None:
    base = f"/calls/{cast.code}/speakers/"
    assert cast.let_in(base) == {"owner"}
    for path in (base, f"{base}back/", f"{base}voices/"):
        refused = {visitor.name for visitor in cast.everybody} - {"owner"}
        for visitor in cast.everybody:
            if visitor.name in refused:
                assert not visitor.gets_in(path, "post")
    assert cast.owner.gets_in(f"{base}back/", "post")
    assert cast.owner.gets_in(f"{base}voices/", "post")


def test_it_names_people_by_a_transcript_and_takes_that_back(
    cast: Cast, mixed: Participant
) -> None:
    assert send(cast, NAMED).status_code == 302
    work(mixed.meeting)
    assert names() == ["Anna Smith", "Ben"]
    page = cast.owner.client.get(f"/calls/{cast.code}/speakers/").content.decode()
    assert "The names come from call.vtt." in page
    assert "Ben" in cast.owner.client.get(f"/calls/{cast.code}/").content.decode()
    cast.owner.client.post(f"/calls/{cast.code}/speakers/back/")
    assert names() == [mixed.name]


@pytest.mark.parametrize(
    ("data", "name", "why"),
    [
        (None, "", "Choose the transcript first."),
        (b"x", "\u202ecall.vtt", "call.vtt is no transcript that can be read."),
        (b"x" * (10 * 2**20 + 1), "call.vtt", "call.vtt is larger than 10 MB."),
        (b"WEBVTT\n\n00:01.000 --> 00:02.000\nhello\n", "a<b>.vtt", "does not say who"),
    ],
)
def test_it_says_what_is_wrong_with_a_file(
    cast: Cast, mixed: Participant, data: bytes | None, name: str, why: str
) -> None:
    answer = send(cast, data, name)
    assert answer.status_code == 422
    page = answer.content.decode()
    assert why in page
    assert "<b>" not in page


def test_the_page_of_the_call_says_why_a_transcript_did_not_fit(
    cast: Cast, mixed: Participant
) -> None:
    send(cast, b"WEBVTT\n\n00:01.000 --> 00:02.000\nDora: bread and butter\n")
    work(mixed.meeting)
    page = cast.owner.client.get(f"/calls/{cast.code}/").content.decode()
    assert "call.vtt does not belong to this call" in page


def test_a_call_with_a_track_for_each_person_needs_none(
    cast: Cast, owner: Participant
) -> None:
    page = cast.owner.client.get(f"/calls/{cast.code}/speakers/").content.decode()
    assert "a track of their own" in page
    assert "<input" not in page.partition("<section")[2]
    assert not SharedTrack.objects.exists()


def test_figures_of_sides_wait_until_somebody_says_who_is_us(
    cast: Cast, mixed: Participant
) -> None:
    send(cast, NAMED)
    work(mixed.meeting)
    meeting = Meeting.objects.get(pk=mixed.meeting_id)
    ratio = figures(timeline_of(meeting)).call["talk_ratio"]
    assert ratio.value is None
    assert "Nobody said yet on whose side" in ratio.reason
    assert cast.owner.client.get(f"/calls/{cast.code}/brief/").status_code == 200
    for name, side in (("Anna Smith", "us"), ("Ben", "them")):
        person = meeting.participants.get(name=name)
        path = f"/calls/{cast.code}/people/{person.pk}/"
        cast.owner.client.post(path, {"name": name, "side": side})
    meeting = Meeting.objects.get(pk=mixed.meeting_id)
    assert figures(timeline_of(meeting)).call["talk_ratio"].value

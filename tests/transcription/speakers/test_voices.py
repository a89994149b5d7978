"""Who spoke on a shared track where no transcript tells: by the voices."""

import wave
from typing import Any

import numpy as np
import pytest
from django.core import serializers

from meetings import jobs
from meetings.imports.seats import seat
from meetings.imports.services import Voice
from meetings.models import Job, Meeting, Participant, Track
from meetings.models.recording import folder_of
from tests.cast import Cast
from tests.dashboard.calls import end, say
from tests.two_voices import in_turns
from transcription.models import SharedTrack, Utterance
from transcription.speakers import telling
from transcription.speakers.voices import renamed

pytestmark = pytest.mark.django_db


def imported(cast: Cast, names: list[str]) -> Meeting:
    """A call with one track, on which people take turns of 4 s."""
    assert cast.owner.user
    meeting = Meeting.objects.create(owner=cast.owner.user, title="q3")
    mixed = seat(end(meeting), Voice("q3"))
    path = folder_of(meeting) / "a.wav"
    with wave.open(str(path), "wb") as file:
        file.setparams((1, 2, 16_000, 0, "NONE", ""))
        file.writeframes(np.concatenate(in_turns(names, 4, 4)).astype("<i2").tobytes())
    Track.objects.create(
        participant=mixed,
        source="import",
        state=Track.State.CLOSED,
        file=path.name,
        duration_ms=17_000,
    )
    for turn in range(4):
        say(mixed, turn * 4250 + 500, f"This is turn {turn} of four.")
    return meeting


def work(meeting: Meeting) -> SharedTrack:
    jobs.request("speakers", meeting)
    for job in meeting.jobs.filter(kind="speakers", state=Job.State.QUEUED):
        jobs.run(job.pk)
        job.refresh_from_db()
        assert job.state == Job.State.DONE, job.error
    return SharedTrack.objects.get(seat__meeting=meeting)


def names(meeting: Meeting) -> list[str]:
    rows = Utterance.objects.filter(meeting=meeting).select_related("participant")
    return [row.participant.name for row in rows]


def test_voices_are_numbered_until_somebody_says_who_it_is(cast: Cast) -> None:
    call = imported(cast, ["anna", "ben"])
    work(call)
    assert names(call) == ["Speaker 1", "Speaker 2", "Speaker 1", "Speaker 2"]
    assert [person.side for person in call.people] == ["", ""]
    Participant.objects.filter(name="Speaker 1").update(name="Anna")
    work(call)
    assert names(call) == ["Anna", "Speaker 2", "Anna", "Speaker 2"]


def test_one_person_stays_who_they_were(cast: Cast) -> None:
    call = imported(cast, ["anna"])
    shared = work(call)
    assert shared.voice_turns == []
    assert names(call) == ["q3"] * 4
    assert [person.name for person in call.people] == ["q3"]


def test_no_voiceprint_is_kept(cast: Cast) -> None:
    call = imported(cast, ["anna", "ben"])
    before = {path.name for path in folder_of(call).rglob("*")}
    shared = work(call)
    (kept,) = serializers.serialize("python", [shared])
    assert set(kept["fields"]) == {
        *("transcript", "cues", "named_turns", "told", "problem", "voice_turns"),
        *("by_voice", "heard_for", "count", "people", "pieces"),
    }
    for start, finish, label in shared.voice_turns:
        assert isinstance(start, int) and isinstance(finish, int)
        assert label in ("voice:1", "voice:2")
    assert {path.name for path in folder_of(call).rglob("*")} == before


def test_telling_by_voice_can_be_taken_back(cast: Cast) -> None:
    call = imported(cast, ["anna", "ben"])
    shared = work(call)
    telling.tell_by_voice(shared, False)
    assert names(call) == ["q3"] * 4
    work(call)
    assert names(call) == ["q3"] * 4


def test_a_transcript_knows_better_than_voices(cast: Cast) -> None:
    call = imported(cast, ["anna", "ben"])
    work(call)
    cues = "\n\n".join(
        f"00:00:{4 * n:02}.000 --> 00:00:{4 * n + 4:02}.000\n"
        f"{'Dora' if n < 2 else 'Emil'}: This is turn {n} of four."
        for n in range(4)
    )
    telling.add_transcript(call, f"WEBVTT\n\n{cues}".encode(), "call.vtt")
    shared = work(call)
    assert names(call) == ["Dora", "Dora", "Emil", "Emil"]
    telling.take_transcript_back(shared)
    assert names(call) == ["Speaker 1", "Speaker 2", "Speaker 1", "Speaker 2"]


def test_voices_are_told_apart_once_a_transcript_is_taken_back(cast: Cast) -> None:
    call = imported(cast, ["anna"])
    cues = "00:00:00.000 --> 00:00:04.000\nDora: This is turn 0 of four."
    telling.add_transcript(call, f"WEBVTT\n\n{cues}".encode(), "call.vtt")
    shared = work(call)
    assert shared.voice_turns is None
    telling.take_transcript_back(shared)
    assert call.jobs.filter(kind="speakers", state=Job.State.QUEUED).exists()


def test_it_is_not_listened_to_again_without_need(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    call = imported(cast, ["anna", "ben"])
    work(call)

    def heard(*args: Any, **more: Any) -> None:
        raise AssertionError("it was known already")

    monkeypatch.setattr("transcription.speakers.voices.tell_apart", heard)
    work(call)
    assert names(call)[0] == "Speaker 1"


def test_quicker_work_goes_first(cast: Cast) -> None:
    call = imported(cast, ["anna"])
    jobs.request("index", call)
    job = jobs.request("speakers", call)
    jobs.run(job.pk)
    job.refresh_from_db()
    assert (job.state, job.error) == (Job.State.QUEUED, "Quicker work goes first")


def test_voices_that_are_counted_anew_keep_their_names() -> None:
    before = [(0, 4000, "voice:1"), (4000, 9000, "voice:2")]
    again = [(0, 2000, "voice:1"), (2000, 4000, "voice:2"), (4000, 9000, "voice:3")]
    assert [label for _, _, label in renamed(again, before)] == [
        "voice:1",
        "voice:3",
        "voice:2",
    ]

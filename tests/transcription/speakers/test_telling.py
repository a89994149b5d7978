"""Who spoke on a track that several people share."""

import json
from pathlib import Path
from typing import Any

import pytest

from meetings import jobs, taps
from meetings.imports.seats import seat
from meetings.imports.services import Voice
from meetings.models import Job, Meeting, Participant, Track
from meetings.recordings.erasure import NotNow, erase
from tests.cast import Cast
from tests.dashboard.calls import end, say
from transcription.corrections import lines as corrections
from transcription.models import Removal, SharedTrack, Utterance
from transcription.second_pass import Replacement
from transcription.speakers import telling
from transcription.speech.engine.captions import HeardUtterance, Word

pytestmark = pytest.mark.django_db

ZOOM = b"""WEBVTT

1
00:00:00.900 --> 00:00:02.500
Anna Smith: are you well today my friend

2
00:00:02.600 --> 00:00:04.000
Ben: yes I am thank you

3
00:00:06.000 --> 00:00:08.000
Ben: we need forty machines by October
"""


@pytest.fixture
def call(cast: Cast) -> Meeting:
    """An imported recording with one track: a line of two people, and one of one."""
    assert cast.owner.user
    meeting = Meeting.objects.create(owner=cast.owner.user, title="q3")
    mixed = seat(end(meeting), Voice("q3"))
    track(mixed)
    SharedTrack.objects.create(seat=mixed, by_voice=False)  # there is no sound
    say(mixed, 1000, "Are you well today my friend? Yes I am, thank you.")
    say(mixed, 6000, "We need forty machines by October.")
    return meeting


def track(person: Participant, source: str = "import") -> None:
    Track.objects.create(
        participant=person,
        source=source,
        state=Track.State.CLOSED,
        file=f"{person.pk}.ogg",
        duration_ms=60_000,
    )


def told(meeting: Meeting, data: bytes = ZOOM) -> SharedTrack:
    telling.add_transcript(meeting, data, "call.vtt")
    return done(meeting)


def done(meeting: Meeting) -> SharedTrack:
    for job in meeting.jobs.filter(kind="speakers", state=Job.State.QUEUED):
        jobs.run(job.pk)
        job.refresh_from_db()
        assert job.state == Job.State.DONE, job.error
    shared = telling.shared_track(meeting)
    assert shared
    return shared


def said(meeting: Meeting) -> list[tuple[str, str]]:
    rows = Utterance.objects.filter(meeting=meeting).select_related("participant")
    return [(row.participant.name, row.text) for row in rows]


NAMED = [
    ("Anna Smith", "Are you well today my friend?"),
    ("Ben", "Yes I am, thank you."),
    ("Ben", "We need forty machines by October."),
]
UNNAMED = [
    ("q3", "Are you well today my friend? Yes I am, thank you."),
    ("q3", "We need forty machines by October."),
]


def test_our_words_get_their_names(call: Meeting) -> None:
    before = list(Utterance.objects.filter(meeting=call))
    told(call)
    assert said(call) == NAMED
    after = list(Utterance.objects.filter(meeting=call))
    assert after[0].pk == before[0].pk
    assert [w for row in after for w in row.words] == [
        w for row in before for w in row.words
    ]


def test_people_are_made_whose_side_nobody_knows(call: Meeting) -> None:
    told(call)
    assert [(p.name, p.side) for p in call.people] == [("Anna Smith", ""), ("Ben", "")]
    assert all(person.is_recorded for person in call.people)
    assert {p.consent_log.get().way for p in call.people} == {"imported"}


def test_the_words_of_the_transcript_are_not_kept(call: Meeting) -> None:
    shared = told(call, ZOOM.replace(b"well today", b"swell tonight"))
    assert "swell" not in json.dumps([shared.named_turns, shared.cues, shared.people])
    assert said(call) == NAMED


def test_it_can_be_taken_back(call: Meeting) -> None:
    before = list(Utterance.objects.filter(meeting=call).values("pk", "text", "words"))
    telling.take_transcript_back(told(call))
    assert said(call) == UNNAMED
    assert [p.name for p in call.people] == ["q3"]
    after = list(Utterance.objects.filter(meeting=call).values("pk", "text", "words"))
    assert after == before


def test_laying_it_twice_changes_nothing(call: Meeting) -> None:
    told(call)
    rows = list(Utterance.objects.filter(meeting=call).values("pk", "text"))
    people = list(call.participants.values("pk", "name"))
    told(call)
    assert list(Utterance.objects.filter(meeting=call).values("text")) == [
        {"text": row["text"]} for row in rows
    ]
    assert list(call.participants.values("pk", "name")) == people


def test_names_that_people_give_survive_another_pass_of_the_model(
    call: Meeting,
) -> None:
    told(call)
    Participant.objects.filter(name="Ben").update(name="Benjamin", side="them")
    replacement = Replacement(Track.objects.get(participant__meeting=call))
    words = [
        Word(f" {w}", 6 + n / 3, 6.3 + n / 3, 0.9)
        for n, w in enumerate(["We", "need", "forty", "cows"])
    ]
    replacement.take(
        HeardUtterance(
            1.0,
            2.7,
            "Are you ill today my friend?",
            "",
            tuple(
                Word(f" {w}", 1 + n * 0.3, 1.25 + n * 0.3, 0.9)
                for n, w in enumerate(["Are", "you", "ill", "today", "my", "friend?"])
            ),
            "en",
            0.9,
        )
    )
    replacement.take(
        HeardUtterance(6.0, 7.3, "We need forty cows", "", tuple(words), "en", 0.9)
    )
    replacement.finish()
    jobs.request("speakers", call)
    done(call)
    assert said(call) == [
        ("Anna Smith", "Are you ill today my friend?"),
        ("Benjamin", "We need forty cows"),
    ]


def test_a_line_that_a_person_gave_to_somebody_stays_theirs(
    call: Meeting, cast: Cast
) -> None:
    shared = told(call)
    assert cast.owner.user
    anna = call.participants.get(name="Anna Smith")
    last = Utterance.objects.filter(meeting=call).last()
    assert last
    corrections.give(call, [last.pk], anna, cast.owner.user)
    told(call)
    telling.take_transcript_back(shared)
    last.refresh_from_db()
    assert last.participant == anna


def test_a_removal_goes_with_its_piece(call: Meeting) -> None:
    line = Utterance.objects.filter(meeting=call).first()
    assert line
    for at in (1100, 3500):
        Removal.objects.create(
            meeting=call,
            participant=line.participant,
            utterance=line,
            raw="uh",
            reason="loop",
            start_ms=at,
            end_ms=at + 100,
        )
    told(call)
    texts = [r.utterance.text for r in Removal.objects.all() if r.utterance]
    assert texts == [NAMED[0][1], NAMED[1][1]]


def test_a_clock_that_is_off_is_told(call: Meeting) -> None:
    later = ZOOM.replace(b"00:00:0", b"00:01:0")
    assert told(call, later).told == "Its times were 59.8 s too late."
    assert said(call) == NAMED


def test_a_transcript_of_another_call_is_refused_and_the_call_stays(
    call: Meeting,
) -> None:
    other = b"WEBVTT\n\n00:01.000 --> 00:03.000\nDora: bread butter cheese and wine\n"
    shared = told(call, other)
    assert shared.problem == (
        "call.vtt does not belong to this call: they have no words in common."
    )
    assert not shared.cues
    assert said(call) == UNNAMED


def test_a_refused_one_takes_no_name_away(call: Meeting) -> None:
    told(call)
    other = b"WEBVTT\n\n00:01.000 --> 00:03.000\nDora: bread butter cheese and wine\n"
    assert told(call, other).transcript == "call.vtt"
    assert said(call) == NAMED


def test_what_cannot_be_read_is_refused_at_once(call: Meeting) -> None:
    with pytest.raises(telling.TranscriptRefused, match=r"call\.vtt is no transcript"):
        telling.add_transcript(call, b"\x00", "call.vtt")
    assert not call.jobs.filter(kind="speakers").exists()


def test_who_has_a_track_of_their_own_needs_no_transcript(call: Meeting) -> None:
    track(seat(call, Voice("Ben")))
    with pytest.raises(telling.TranscriptRefused, match="a track of their own"):
        telling.add_transcript(call, ZOOM, "call.vtt")


def test_a_meeting_that_was_held_here_is_left_alone(cast: Cast) -> None:
    assert cast.owner.seat
    track(cast.owner.seat, "microphone")
    job = jobs.request("second_pass", cast.meeting)
    telling.begin(job)
    assert not cast.meeting.jobs.filter(kind="speakers").exists()


def test_it_waits_for_the_words_that_are_being_written(call: Meeting) -> None:
    writer = jobs.request("second_pass", call)
    told(call)
    assert said(call) == UNNAMED
    telling.begin(writer)
    done(call)
    assert said(call) == NAMED


def test_sides_that_gong_knows_are_known(call: Meeting) -> None:
    parties = [
        {"speakerId": "1", "name": "Anna", "affiliation": "Internal"},
        {"speakerId": "2", "name": "Ben", "affiliation": "External"},
    ]
    spoken = [
        ("1", 1000, "are you well today my friend"),
        ("2", 2800, "yes I am thank you"),
    ]
    rows: list[dict[str, Any]] = [
        {"speakerId": who, "sentences": [{"start": at, "end": at + 1500, "text": text}]}
        for who, at, text in spoken
    ]
    told(call, json.dumps({"parties": parties, "transcript": rows}).encode())
    assert ("Anna", "us") in [(p.name, p.side) for p in call.people]
    assert ("Ben", "them") in [(p.name, p.side) for p in call.people]


def test_a_transcript_that_came_beside_the_recording_is_read(
    call: Meeting, tmp_path: Path
) -> None:
    path = tmp_path / "source-1"
    path.write_bytes(ZOOM)
    taps.transcript_came.publish(call.pk, path, "call.vtt")
    done(call)
    assert said(call) == NAMED
    path.write_bytes(b"")
    taps.transcript_came.publish(call.pk, path, "call.vtt")
    shared = done(call)
    assert shared.problem == "call.vtt is no transcript that can be read."
    assert said(call) == NAMED


def test_one_of_several_voices_on_a_file_is_not_said_to_be_deleted(
    call: Meeting, cast: Cast
) -> None:
    """Their words would go, and their voice would stay."""
    told(call)
    assert cast.owner.user
    with pytest.raises(NotNow, match="shares one file"):
        erase(call.people[0], cast.owner.user)
    assert said(call) == NAMED

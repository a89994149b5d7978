"""From rows to a timeline, and what the command prints of it."""

import json

import pytest
from django.core.management import CommandError, call_command
from pytest_django import DjangoAssertNumQueries

from dashboard.stats.gather import sentences, timeline_of, voice, words
from meetings.media.egress.manifest import RecordingManifest
from meetings.models import Meeting, Participant, Track
from meetings.models.recording import folder_of
from tests.dashboard.calls import say
from transcription.models import Utterance

pytestmark = pytest.mark.django_db


def test_it_takes_the_voice_and_not_the_line(owner: Participant) -> None:
    line = say(owner, 1_000, "Good morning to you", voice=[[1_100, 1_700]])
    assert voice(line) == [(1_100, 1_700)]


def test_it_takes_the_words_of_lines_without_voice(owner: Participant) -> None:
    times = [["Good", 0, 200, 0.9], ["day", 300, 600, 0.9], ["Ann", 900, 1_000, 0.9]]
    assert voice(say(owner, 0, "Good day Ann", times)) == [(0, 600), (900, 1_000)]
    assert voice(say(owner, 2_000, "Hi", [], end_ms=2_400)) == [(2_000, 2_400)]


def test_it_reads_words_between_spaces_at_their_times(owner: Participant) -> None:
    times = [["Fifty", 0, 300, 0.9], ["percent", 300, 700, 0.9]]
    line = say(owner, 0, "Fifty- percent - sure.", times)
    found = [(word.text, word.start_ms) for word in words(line)]
    assert found == [("Fifty-", 0), ("percent", 300), ("sure.", 300)]


def test_it_counts_letters_where_no_spaces_are(owner: Participant) -> None:
    line = say(owner, 0, "価格は。", [["価格は。", 0, 900, 0.9]])
    assert [word.text for word in words(line)] == ["価", "格", "は"]


def test_it_counts_by_the_text_where_a_language_was_misheard(
    owner: Participant,
) -> None:
    line = say(owner, 0, "We have fifty", language="ja")
    assert [word.text for word in words(line)] == ["We", "have", "fifty"]


def test_it_reads_the_line_of_each_person_beside_the_recording(
    ended: Meeting, owner: Participant, guest: Participant
) -> None:
    manifest = RecordingManifest(folder_of(ended))
    for at_ms, ms in ((9_000, 80), (4_000, 60)):
        about = {"participant_id": str(owner.pk), "at_ms": at_ms, "ms": ms}
        manifest.note("round_trip", about)
    manifest.note("muted", {"participant_id": str(guest.pk), "at_ms": 1, "ms": 7})
    manifest.note("round_trip", {"participant_id": "nobody", "at_ms": 1, "ms": 7})
    manifest.note("round_trip", {"participant_id": str(guest.pk), "at_ms": None})
    of = {speaker.id: speaker.round_trips for speaker in timeline_of(ended).speakers}
    assert of == {owner.pk: [(4_000, 60), (9_000, 80)], guest.pk: ()}


def test_a_sentence_goes_on_in_the_next_line(owner: Participant) -> None:
    lines = [
        say(owner, 0, "Hello. How many people"),
        say(owner, 2_000, "are in your team?"),
        say(owner, 9_000, "so that"),
        say(owner, 19_000, "is all."),
    ]
    assert [(s.text, s.start_ms) for s in sentences(lines)] == [
        ("Hello.", 0),
        ("How many people are in your team?", 300),
        ("so that", 9_000),
        ("is all.", 19_000),
    ]


def test_it_leaves_out_who_is_not_recorded(
    ended: Meeting, owner: Participant, guest: Participant
) -> None:
    say(owner, 0, "Good morning to you")
    guest.consent = Participant.Consent.UNRECORDED
    guest.save()
    assert [speaker.id for speaker in timeline_of(ended).speakers] == [owner.pk]


def test_a_recording_of_one_track_may_have_many_voices(
    ended: Meeting, owner: Participant
) -> None:
    sound = {"source": Track.Source.IMPORT, "state": Track.State.CLOSED}
    Track.objects.create(participant=owner, file="a.ogg", duration_ms=60_000, **sound)
    assert timeline_of(ended).mixed


def test_it_needs_as_many_queries_for_many_lines(
    ended: Meeting,
    owner: Participant,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    for n in range(20):
        say(owner, 3_000 * n, "Good morning to you")
    call = Meeting.objects.get(pk=ended.pk)
    with django_assert_num_queries(5):
        timeline_of(call)


def test_it_prints_the_figures(
    ended: Meeting,
    owner: Participant,
    guest: Participant,
    capsys: pytest.CaptureFixture[str],
) -> None:
    say(owner, 0, "How many people are in your team?", voice=[[0, 3_000]])
    say(guest, 4_000, "We are fifty people", voice=[[4_000, 5_000]])
    call_command("stats", ended.code, "--json")
    printed = json.loads(capsys.readouterr().out)
    assert printed["talk_ratio"] == 75.0
    assert (printed["questions_us"], printed["questions_them"]) == (1, 0)
    assert printed["patience_s"] is None
    assert printed["reasons"]["patience_s"] == "Fewer than 5 replies to the customer"
    assert printed["people"][owner.name]["talk"] == 75.0


def test_two_people_of_one_name_are_two(
    ended: Meeting,
    owner: Participant,
    guest: Participant,
    capsys: pytest.CaptureFixture[str],
) -> None:
    Participant.objects.filter(meeting=ended).update(name="Ann")
    for person in (owner, guest):
        say(person, 0, "Good morning to you")
    call_command("stats", ended.code, "--json")
    assert set(json.loads(capsys.readouterr().out)["people"]) == {"Ann", "Ann (2)"}


def test_it_says_that_there_is_no_such_call() -> None:
    with pytest.raises(CommandError, match="There is no call nowhere"):
        call_command("stats", "nowhere")


def test_it_keeps_the_voice_of_a_final(owner: Participant) -> None:
    from transcription import rows
    from transcription.speech.engine.captions import Caption

    heard = Caption("u1", 1, 1.0, 2.0, "Hello", "", True, voice=((1.0, 1.5), (1.7, 2)))
    rows.save_final(heard, owner)
    assert Utterance.objects.get().voice == [[1_000, 1_500], [1_700, 2_000]]

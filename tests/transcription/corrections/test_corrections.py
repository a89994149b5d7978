"""Corrections: what changes, what comes back, and what a new pass leaves alone."""

import pytest
from django.contrib.auth.models import User

from meetings import taps
from meetings.models import Job, Meeting, Participant, Track
from meetings.recordings import erasure
from tests.cast import Cast
from tests.dashboard.calls import end, say
from transcription.corrections import lines, people, undo
from transcription.models import Correction, Removal, Utterance
from transcription.second_pass import Replacement
from transcription.speech.engine.captions import HeardUtterance, Word

pytestmark = pytest.mark.django_db


@pytest.fixture
def meeting(cast: Cast) -> Meeting:
    return end(cast.meeting)


@pytest.fixture
def user(cast: Cast) -> User:
    assert cast.owner.user
    return cast.owner.user


@pytest.fixture
def olga(meeting: Meeting, cast: Cast) -> Participant:
    assert cast.owner.seat
    return cast.owner.seat


@pytest.fixture
def gita(meeting: Meeting, cast: Cast) -> Participant:
    assert cast.guest.seat
    return cast.guest.seat


def heard(start: float, end: float, text: str) -> HeardUtterance:
    words = (Word(" " + text, start, end, 0.9),)
    return HeardUtterance(start, end, text, text, words, "en", 0.9)


def sound_of(person: Participant, file: str = "a.ogg") -> Track:
    track: Track = Track.objects.create(
        participant=person, file=file, duration_ms=60_000, state=Track.State.CLOSED
    )
    return track


def said() -> list[tuple[str, str]]:
    rows = Utterance.objects.select_related("participant")
    return [(row.participant.name, row.text) for row in rows]


def undo_last(meeting: Meeting, user: User) -> None:
    undo.undo(meeting, Correction.objects.in_force()[0].change, user)


# -- words


def test_it_corrects_a_line_and_takes_it_back(olga: Participant, user: User) -> None:
    line = say(olga, 1000, "Hello mister Smith", raw="Hello mister Smith")
    assert lines.write(line, "Hello mister Smith", " Hello Mrs.\n Smythe ", user)
    line.refresh_from_db()
    assert (line.text, line.raw) == ("Hello Mrs. Smythe", "Hello mister Smith")
    assert [word[:2] for word in line.words] == [
        ["Hello", 1000],
        ["Mrs.", 1300],
        ["Smythe", 1600],
    ]
    kept = Correction.objects.get()
    assert (kept.by, kept.before["text"]) == (user, "Hello mister Smith")
    undo_last(olga.meeting, user)
    line.refresh_from_db()
    assert line.text == "Hello mister Smith"
    assert line.words[1] == ["mister", 1300, 1550, 0.9]


def test_who_comes_second_changes_nothing_and_learns_what_stands_there(
    olga: Participant, user: User
) -> None:
    line = say(olga, 0, "Hello Smith")
    lines.write(line, "Hello Smith", "Hello Smythe", user)
    with pytest.raises(lines.Overtaken) as told:
        lines.write(line, "Hello Smith", "Hello Schmidt", user)
    assert told.value.line.text == "Hello Smythe"
    assert not lines.write(line, "Hello Smith", "Hello Smythe", user)  # they agree
    assert Correction.objects.count() == 1


@pytest.mark.parametrize("text", ["", " \n", "\x00", "x" * 20_001])
def test_a_line_says_something_and_not_too_much(
    olga: Participant, user: User, text: str
) -> None:
    line = say(olga, 0, "Hello")
    with pytest.raises(ValueError):
        lines.write(line, "Hello", text, user)


def test_what_was_changed_again_is_not_taken_back(
    olga: Participant, user: User
) -> None:
    line = say(olga, 0, "Hello Smith")
    lines.write(line, "Hello Smith", "Hello Smythe", user)
    lines.write(line, "Hello Smythe", "Hello Schmidt", user)
    first = Correction.objects.last()
    assert first
    with pytest.raises(undo.CannotUndo):
        undo.undo(olga.meeting, first.change, user)
    undo_last(olga.meeting, user)
    undo_last(olga.meeting, user)
    assert said() == [("Olga Owner", "Hello Smith")]


def test_the_index_and_open_pages_follow(
    olga: Participant, user: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[int] = []
    monkeypatch.setattr(taps.transcript_changed, "_listeners", [told.append])
    line = say(olga, 0, "Hello Smith")
    lines.write(line, "Hello Smith", "Hello Smythe", user)
    undo_last(olga.meeting, user)
    assert told == [olga.meeting_id] * 2


# -- who said it


def test_lines_are_given_to_somebody_and_come_back(
    olga: Participant, gita: Participant, user: User
) -> None:
    mine, theirs = say(olga, 0, "Ours"), say(olga, 1000, "Theirs")
    assert lines.give(olga.meeting, [mine.pk, theirs.pk], olga, user) is None
    assert lines.give(olga.meeting, [theirs.pk], gita, user)
    assert said() == [("Olga Owner", "Ours"), ("Gita Guest", "Theirs")]
    undo_last(olga.meeting, user)
    assert said() == [("Olga Owner", "Ours"), ("Olga Owner", "Theirs")]


def test_somebody_new_is_gone_when_their_lines_are_taken_back(
    olga: Participant, user: User
) -> None:
    line = say(olga, 0, "Good morning")
    carol = people.newcomer(olga.meeting, "Carol", "them")
    lines.give(olga.meeting, [line.pk], carol, user, is_new=True)
    assert said() == [("Carol", "Good morning")]
    undo_last(olga.meeting, user)
    assert said() == [("Olga Owner", "Good morning")]
    assert not Participant.objects.filter(name="Carol").exists()


def test_lines_of_another_call_are_not_given(
    olga: Participant, cast: Cast, user: User
) -> None:
    assert cast.other_guest.seat
    other = say(cast.other_guest.seat, 0, "Elsewhere")
    assert lines.give(olga.meeting, [other.pk], olga, user) is None
    assert said() == [(cast.other_guest.seat.name, "Elsewhere")]


# -- a new pass


def test_a_new_pass_leaves_a_corrected_line_alone(
    olga: Participant, user: User
) -> None:
    line = say(olga, 1000, "Hello Smith")
    say(olga, 9000, "And now")
    lines.write(line, "Hello Smith", "Hello Smythe", user)
    replacement = Replacement(sound_of(olga))
    replacement.take(heard(1.0, 1.55, "Hello Smith"))
    replacement.take(heard(9.0, 9.55, "And then"))
    replacement.finish()
    assert [text for _, text in said()] == ["Hello Smythe", "And then"]


def test_a_line_that_is_corrected_during_a_pass_stays(
    olga: Participant, user: User
) -> None:
    first, last = say(olga, 1000, "Hello Smith"), say(olga, 9000, "Good by")
    replacement = Replacement(sound_of(olga))
    lines.write(first, "Hello Smith", "Hello Smythe", user)
    replacement.take(heard(1.0, 1.55, "Hello Smith"))
    lines.write(last, "Good by", "Goodbye", user)
    replacement.finish()
    assert [text for _, text in said()] == ["Hello Smythe", "Goodbye"]


def test_a_new_pass_does_not_write_again_what_was_given_to_another(
    olga: Participant, gita: Participant, user: User
) -> None:
    line = say(olga, 1000, "Good morning")
    lines.give(olga.meeting, [line.pk], gita, user)
    replacement = Replacement(sound_of(olga))
    replacement.take(heard(1.0, 1.55, "Good morning"))
    replacement.finish()
    assert said() == [("Gita Guest", "Good morning")]


def test_what_was_given_to_somebody_hides_nothing_of_their_own_track(
    olga: Participant, gita: Participant, user: User
) -> None:
    """Both talk at once, and what is on her track is hers."""
    line = say(olga, 1000, "Good morning")
    lines.give(olga.meeting, [line.pk], gita, user)
    replacement = Replacement(sound_of(gita))
    replacement.take(heard(1.0, 1.55, "I am here"))
    replacement.finish()
    assert said() == [("Gita Guest", "Good morning"), ("Gita Guest", "I am here")]


def test_after_an_undo_the_model_writes_the_line_again(
    olga: Participant, user: User
) -> None:
    line = say(olga, 1000, "Hello Smith")
    lines.write(line, "Hello Smith", "Hello Smythe", user)
    undo_last(olga.meeting, user)
    replacement = Replacement(sound_of(olga))
    replacement.take(heard(1.0, 1.55, "Hello Smitt"))
    replacement.finish()
    assert [text for _, text in said()] == ["Hello Smitt"]


# -- one person who came twice


def test_two_people_become_one_and_two_again(
    olga: Participant, gita: Participant, user: User
) -> None:
    meeting = olga.meeting
    say(olga, 0, "Ours")
    say(gita, 1000, "Hers")
    track = sound_of(gita)
    people.join(gita, olga, user)
    assert [person.name for person in meeting.people] == ["Olga Owner"]
    assert said() == [("Olga Owner", "Ours"), ("Olga Owner", "Hers")]
    track.refresh_from_db()
    assert track.participant == olga
    assert Job.objects.filter(meeting=meeting, kind="compose").exists()
    undo_last(meeting, user)
    fresh = Meeting.objects.get(pk=meeting.pk)
    assert [person.name for person in fresh.people] == ["Olga Owner", "Gita Guest"]
    assert said() == [("Olga Owner", "Ours"), ("Gita Guest", "Hers")]


def test_who_was_joined_twice_comes_apart_step_by_step(
    olga: Participant, gita: Participant, user: User
) -> None:
    meeting = olga.meeting
    carol = people.newcomer(meeting, "Carol", "them")
    for at, person in enumerate((olga, gita, carol)):
        say(person, 1000 * at, "Mine")
    people.join(carol, gita, user)
    people.join(gita, olga, user)
    assert {name for name, _ in said()} == {"Olga Owner"}
    undo_last(meeting, user)
    assert [name for name, _ in said()] == ["Olga Owner", "Gita Guest", "Gita Guest"]
    undo_last(meeting, user)
    assert [name for name, _ in said()] == ["Olga Owner", "Gita Guest", "Carol"]


def test_nobody_is_joined_while_the_words_are_written(
    olga: Participant, gita: Participant, user: User
) -> None:
    Job.objects.create(
        meeting=olga.meeting, kind="second_pass", state=Job.State.RUNNING
    )
    with pytest.raises(people.StillWriting):
        people.join(gita, olga, user)


def test_a_new_pass_of_a_joined_track_writes_for_who_is_left(
    olga: Participant, gita: Participant, user: User
) -> None:
    line = say(gita, 1000, "Good morning")
    track = sound_of(gita)
    carol = people.newcomer(olga.meeting, "Carol", "them")
    lines.give(olga.meeting, [line.pk], carol, user)
    people.join(gita, olga, user)
    track.refresh_from_db()
    replacement = Replacement(track)
    replacement.take(heard(1.0, 1.55, "Good morning"))
    replacement.take(heard(5.0, 5.55, "And you"))
    replacement.finish()
    assert said() == [("Carol", "Good morning"), ("Olga Owner", "And you")]


# -- nothing of a deleted person stays


def test_corrections_go_with_the_person_whose_words_they_are(
    olga: Participant, gita: Participant, user: User
) -> None:
    line = say(gita, 1000, "The canary sings")
    lines.write(line, "The canary sings", "The canary sang", user)
    before = people.about(gita)
    gita.name = "Canary"
    gita.save()
    people.note_change(gita, before, user)
    twin = people.newcomer(olga.meeting, "Canary the second", "them")
    say(twin, 3000, "A canary, too")
    people.join(twin, gita, user)
    erasure.erase(gita, user)
    assert not Correction.objects.exists()
    assert not Utterance.objects.exists()
    assert not Removal.objects.exists()
    assert not Participant.objects.filter(name__icontains="canary").exists()


def test_a_name_and_a_side_come_back(gita: Participant, user: User) -> None:
    before = people.about(gita)
    gita.name, gita.side = "Gwen", "us"
    gita.save()
    people.note_change(gita, before, user)
    undo_last(gita.meeting, user)
    gita.refresh_from_db()
    assert people.about(gita) == before

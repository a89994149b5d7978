"""Who may have calls heard again, and who sees what that changed."""

from typing import Any

import pytest

from meetings.models import Job, Meeting, Participant, Track
from tests.cast import Cast, live_meeting
from tests.dashboard.calls import end, say
from transcription import hearing_again
from transcription.models import HearingAgain, Utterance

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def sound(ended: Meeting, owner: Participant) -> Meeting:
    """The ended meeting with a file."""
    Track.objects.create(participant=owner, file="a.ogg", state="closed", duration_ms=1)
    return ended


def heard_again(person: Participant, before: str, after: str) -> None:
    row = say(person, 1_000, before, model="tiny.en 11111111")
    hearing_again.keep_lines(hearing_again.one(person.meeting))
    Utterance.objects.filter(pk=row.pk).update(text=after, model="base 22222222")


def test_who_sees_a_call_sees_what_a_pass_changed(
    cast: Cast, sound: Meeting, owner: Participant
) -> None:
    heard_again(owner, "God <b>morning</b> to you", "Good <b>morning</b> to you")
    path = f"/calls/{sound.code}/passes/"
    assert cast.let_in(path) == {"owner", "teammate"}
    page = cast.owner.client.get(path).content.decode()
    assert "<del>God</del> &lt;b&gt;morning&lt;/b&gt; to you" in page
    assert "<ins>Good</ins>" in page
    assert "tiny.en 11111111" in page and "base 22222222" in page
    assert "1 line changed, 0 did not. Of 4 words 1 went, 1 came." in page


def test_a_call_that_was_heard_once_says_so(cast: Cast, sound: Meeting) -> None:
    page = cast.owner.client.get(f"/calls/{sound.code}/passes/").content.decode()
    assert "There is no earlier text to compare with" in page


def test_lines_without_a_change_are_there_on_demand(
    cast: Cast, sound: Meeting, owner: Participant
) -> None:
    heard_again(owner, "Good morning", "Good morning.")
    path = f"/calls/{sound.code}/passes/"
    assert "No word changed." in cast.owner.client.get(path).content.decode()
    assert "<table>" not in cast.owner.client.get(path).content.decode()
    assert "Good morning." in cast.owner.client.get(f"{path}?all").content.decode()
    assert cast.owner.client.get(f"{path}?all&page=none").status_code == 200


def test_only_who_runs_a_call_has_it_heard_again(cast: Cast, sound: Meeting) -> None:
    path = f"/calls/{sound.code}/hear-again/"
    assert cast.let_in(path, "post") == {"owner"}
    assert Job.objects.filter(kind="second_pass", meeting=sound).count() == 1


def test_a_call_without_sound_is_not_heard_again(cast: Cast, ended: Meeting) -> None:
    answer = cast.owner.client.post(f"/calls/{ended.code}/hear-again/")
    assert answer.status_code == 404


def test_an_order_is_of_its_own_calls_and_seen_by_its_own_people(
    cast: Cast, sound: Meeting
) -> None:
    assert cast.teammate.user
    other = end(live_meeting(cast.teammate.user, "Of the teammate"))
    person = other.participants.create(name="Anna", consent="recorded")
    Track.objects.create(
        participant=person, file="a.ogg", state="closed", duration_ms=1
    )
    answer = cast.owner.client.post("/hearings/", {"which": "mine"})
    assert answer.status_code == 302
    hearing = HearingAgain.objects.get()
    assert [call.meeting for call in hearing.calls.all()] == [sound]
    signed_in = {"owner", "teammate", "stranger"}
    for path in ("/hearings/", "/hearings/rows/"):
        assert cast.let_in(path) == signed_in
    for how in ("pause", "go-on", "cancel"):
        assert cast.let_in(f"/hearings/{hearing.pk}/{how}/", "post") == {"owner"}
    assert "My calls" in cast.owner.client.get("/hearings/").content.decode()
    page = cast.teammate.client.get("/hearings/").content.decode()
    assert "Nothing yet." in page


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ({"which": "all"}, "Select a valid choice"),
        ({"which": "search"}, "Write what to search for"),
        ({"which": "search", "query": "zyzzyva"}, "No call with sound is among them"),
        ({}, "This field is required"),
    ],
)
def test_what_cannot_be_done_is_told(
    cast: Cast, sound: Meeting, asked: dict[str, Any], told: str
) -> None:
    answer = cast.owner.client.post("/hearings/", asked)
    assert answer.status_code == 422
    assert told in answer.content.decode()
    assert not HearingAgain.objects.exists()


def test_one_order_at_a_time(cast: Cast, sound: Meeting) -> None:
    cast.owner.client.post("/hearings/", {"which": "mine"})
    answer = cast.owner.client.post("/hearings/", {"which": "mine"})
    assert "heard again for you already" in answer.content.decode()


def test_an_admin_has_all_calls_heard_again(cast: Cast, sound: Meeting) -> None:
    assert cast.stranger.user
    cast.stranger.user.is_superuser = True
    cast.stranger.user.save()
    cast.stranger.client.post("/hearings/", {"which": "all"})
    assert HearingAgain.objects.get().calls.get().meeting == sound


def test_a_long_list_asks_no_more_than_a_short_one(
    cast: Cast, sound: Meeting, django_assert_max_num_queries: Any
) -> None:
    assert cast.owner.user
    Meeting.objects.update(title="")  # named after its people
    for _ in range(10):
        hearing = HearingAgain.objects.create(by=cast.owner.user, what="My calls")
        job = Job.objects.create(meeting=sound, kind="second_pass")
        hearing.calls.create(meeting=sound, job=job)
    with django_assert_max_num_queries(9):
        cast.owner.client.get("/hearings/rows/")

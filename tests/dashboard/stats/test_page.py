"""The figures on a call's page: who sees them, what they say, what a site aims at."""

import pytest
from django.core.exceptions import ValidationError
from django.test import Client

from dashboard.models import FigureAim
from dashboard.stats.tiles import BY_NAME, TILES
from meetings.models import Meeting, Participant, Track
from tests.cast import Cast
from tests.dashboard.calls import say

pytestmark = pytest.mark.django_db


@pytest.fixture
def client(cast: Cast) -> Client:
    return cast.owner.client


def page(client: Client, meeting: Meeting) -> str:
    return client.get(f"/calls/{meeting.code}/stats/").content.decode()


def test_who_may_see_the_call_sees_its_figures(cast: Cast, ended: Meeting) -> None:
    assert cast.let_in(f"/calls/{ended.code}/stats/") == {"owner", "teammate"}


def test_it_shows_a_figure_with_its_aim_and_evidence(
    client: Client, ended: Meeting, owner: Participant, guest: Participant
) -> None:
    say(owner, 0, "How many people are in your team?", voice=[[0, 3_000]])
    say(guest, 4_000, "We are fifty people", voice=[[4_000, 5_000]])
    shown = page(client, ended)
    assert "75 %" in shown
    assert "Above the aim: at most 65 %" in shown
    assert 'href="#t=0.0"' in shown
    assert "Fewer than 5 replies to the customer" in shown


def test_the_wait_in_one_track_of_all_voices_is_only_about_so(
    client: Client, ended: Meeting, owner: Participant, guest: Participant
) -> None:
    one = {"source": Track.Source.IMPORT, "state": Track.State.CLOSED, "file": "a.ogg"}
    Track.objects.create(participant=owner, duration_ms=60_000, **one)
    say(owner, 0, "Good morning to you all", voice=[[0, 3_000]])
    say(guest, 4_000, "We are fifty people", voice=[[4_000, 5_000]])
    assert "± 0.25 s" in page(client, ended)
    Track.objects.update(source=Track.Source.MICROPHONE)
    assert "± 0.25 s" not in page(client, ended)


def test_it_says_that_nobody_was_heard(client: Client, ended: Meeting) -> None:
    assert "Nobody has been heard in this call yet." in page(client, ended)


def test_a_name_is_text(
    client: Client, ended: Meeting, owner: Participant, guest: Participant
) -> None:
    Participant.objects.filter(pk=guest.pk).update(name="<b>Ann</b>")
    say(guest, 0, "<script>x</script> is it so that you ask?")
    shown = page(client, ended)
    assert "<b>" not in shown
    assert "<script" not in shown


def test_a_site_sets_its_own_aim(
    client: Client, ended: Meeting, owner: Participant, guest: Participant
) -> None:
    say(owner, 0, "Good morning to you all", voice=[[0, 3_000]])
    say(guest, 4_000, "We are fifty people", voice=[[4_000, 5_000]])
    FigureAim.objects.create(figure="talk_ratio", low=70, high=80)
    FigureAim.objects.create(figure="silence", shown=False)
    shown = page(client, ended)
    assert "Aim: 70 to 80 %" in shown
    assert "Silence" not in shown


def test_an_aim_has_its_bounds_in_order() -> None:
    with pytest.raises(ValidationError, match="Not below"):
        FigureAim(figure="silence", low=2, high=1).clean()


@pytest.mark.parametrize(
    ("name", "value", "verdict"),
    [
        ("talk_ratio", 65.4, "within"),
        ("talk_ratio", 65.6, "above"),
        ("patience_s", 0.596, "within"),
        ("patience_s", 0.594, "below"),
        ("silence", 99.0, ""),
    ],
)
def test_it_judges_what_is_written(name: str, value: float, verdict: str) -> None:
    assert BY_NAME[name].verdict(value) == verdict


def test_a_length_is_written_as_people_say_it() -> None:
    tile = BY_NAME["longest_monologue_s"]
    assert (tile.text(12.56), tile.text(125.0)) == ("13 s", "2:05 min")


def test_every_figure_says_how_it_is_measured() -> None:
    assert all(tile.measured.endswith(".") for tile in TILES)

"""What is usual in a team, beside a call's own figure."""

import pytest
from django.contrib.auth.models import User
from django.test import Client

from dashboard.models import StoredFigure
from dashboard.stats import team
from dashboard.stats.definitions import VERSION
from dashboard.stats.team import medians
from meetings.models import Meeting, Participant
from tests.cast import Cast
from tests.dashboard.calls import end, say

pytestmark = pytest.mark.django_db

LONG_MS = 600_000


def call_of(owner: User | None, talk: float | None, **more: object) -> Meeting:
    """An ended call with a figure."""
    assert owner
    minutes = more.pop("duration_ms", LONG_MS)
    meeting = end(Meeting.objects.create(owner=owner, **more), int(str(minutes)))
    StoredFigure.objects.create(
        meeting=meeting,
        figure="talk_ratio",
        value=talk,
        reason="" if talk is not None else "Only one side speaks",
        version=VERSION,
    )
    return meeting


def team_talk(viewer: User | None, meeting: Meeting) -> tuple[float, int] | None:
    assert viewer
    return medians(viewer, meeting, ["talk_ratio"]).get("talk_ratio")


def test_it_is_the_median_of_peoples_means(cast: Cast, ended: Meeting) -> None:
    for talk in (40, 60):  # 50 on average, however many calls
        call_of(cast.owner.user, talk)
    for talk in (70, 70, 70, 70):
        call_of(cast.teammate.user, talk)
    assert team_talk(cast.owner.user, ended) == (60, 6)


def test_fewer_than_five_calls_say_nothing(cast: Cast, ended: Meeting) -> None:
    for talk in (40, 60, 50, 50):
        call_of(cast.owner.user, talk)
    assert team_talk(cast.owner.user, ended) is None


def test_grey_and_short_calls_do_not_count(cast: Cast, ended: Meeting) -> None:
    for talk in (40, 60, 50, 50, 50):
        call_of(cast.owner.user, talk)
    call_of(cast.owner.user, None)
    call_of(cast.owner.user, 99, duration_ms=179_999)
    assert team_talk(cast.owner.user, ended) == (50, 5)


def test_calls_that_the_viewer_may_not_see_do_not_count(
    cast: Cast, ended: Meeting
) -> None:
    for talk in (10, 20, 30, 40):
        call_of(cast.owner.user, talk)
    call_of(cast.owner.user, 90, visibility=Meeting.Visibility.PRIVATE)
    call_of(cast.stranger.user, 90)
    assert team_talk(cast.owner.user, ended) == (38, 5)
    assert team_talk(cast.teammate.user, ended) is None
    assert team_talk(cast.stranger.user, ended) is None


def test_the_newest_calls_count(
    cast: Cast, ended: Meeting, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(team, "NEWEST", 5)
    for talk in (90, 90, 50, 50, 50, 50, 50):
        call_of(cast.owner.user, talk)
    assert team_talk(cast.owner.user, ended) == (50, 5)


@pytest.fixture
def client(cast: Cast) -> Client:
    return cast.owner.client


def test_it_stands_beside_the_figure(
    client: Client, cast: Cast, ended: Meeting, owner: Participant, guest: Participant
) -> None:
    for _ in range(5):
        call_of(cast.owner.user, 42)
    say(owner, 0, "How many people are in your team?", voice=[[0, 3_000]])
    say(guest, 4_000, "We are fifty people", voice=[[4_000, 5_000]])
    shown = client.get(f"/calls/{ended.code}/stats/").content.decode()
    assert "Team: 42 %" in shown
    assert "of 5 calls that you may see" in shown


def test_second_figures_and_who_interrupts_whom_are_shown(
    client: Client, ended: Meeting, owner: Participant, guest: Participant
) -> None:
    voice = [[0, 4_500]]
    say(guest, 0, "We have been looking at this for a long time", voice=voice)
    say(owner, 3_000, "Let me tell you what we do", voice=[[3_000, 6_000]])
    shown = client.get(f"/calls/{ended.code}/stats/").content.decode()
    assert "Of our side together" in shown
    assert "Begun too early" in shown
    assert "<bdi>Olga Owner</bdi> over <bdi>Gita Guest</bdi>" in shown
    assert "60.0 an hour" in shown
    assert ">How measured</span>" in shown

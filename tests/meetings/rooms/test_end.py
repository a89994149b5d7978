from collections.abc import Iterator
from datetime import timedelta
from threading import Thread
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.utils import timezone

from meetings import services, taps
from meetings.models import Meeting
from meetings.rooms import track_rows
from meetings.rooms.leases import borrowed
from tests.cast import Cast


@pytest.fixture
def ended() -> Iterator[list[int]]:
    """Ids of the meetings whose end was announced."""
    heard: list[int] = []
    taps.meeting_ended.attach(heard.append)
    yield heard
    taps.meeting_ended.detach(heard.append)


@pytest.fixture(autouse=True)
def _row_writer() -> Iterator[None]:
    thread = Thread(target=track_rows.write, args=(track_rows.entries,))
    thread.start()
    yield
    track_rows.entries.put(None)
    thread.join()


def test_it_ends_with_its_length(
    cast: Cast, ended: list[int], django_capture_on_commit_callbacks: Any
) -> None:
    Meeting.objects.filter(pk=cast.meeting.pk).update(
        started_at=timezone.now() - timedelta(minutes=5)
    )
    with django_capture_on_commit_callbacks(execute=True):
        answer = cast.owner.client.post(f"/room/{cast.code}/end/")
    assert answer.headers["Location"] == f"/calls/{cast.code}/"
    cast.meeting.refresh_from_db()
    assert cast.meeting.is_over
    assert 300_000 <= cast.meeting.duration_ms < 310_000
    assert ended == [cast.meeting.pk]


def test_it_ends_once(
    cast: Cast, ended: list[int], django_capture_on_commit_callbacks: Any
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        assert services.end_meeting(cast.meeting)
        assert not services.end_meeting(Meeting.objects.get(pk=cast.meeting.pk))
    assert ended == [cast.meeting.pk]


def test_it_notes_when_people_left(cast: Cast) -> None:
    at = timezone.now() - timedelta(minutes=1)
    with borrowed(cast.meeting.pk) as lease:
        services.end_here(lease, at=at)
    assert {person.left_at for person in cast.meeting.participants.all()} == {at}


def test_it_starts_once_and_keeps_its_zero(cast: Cast) -> None:
    assert cast.owner.user
    meeting = services.create_meeting(cast.owner.user, "Renewal")
    stale = Meeting.objects.get(pk=meeting.pk)
    services.start_meeting(meeting)
    zero = meeting.started_at
    services.start_meeting(stale)
    assert meeting.is_live and stale.started_at == zero


def test_it_does_not_start_again_after_the_end(cast: Cast) -> None:
    stale = Meeting.objects.get(pk=cast.meeting.pk)
    services.end_meeting(cast.meeting)
    with pytest.raises(services.MeetingOver):
        services.start_meeting(stale)


def test_the_lobby_offers_the_end_of_a_live_call_to_who_runs_it(cast: Cast) -> None:
    path, action = f"/room/{cast.code}/", f'action="/room/{cast.code}/end/"'
    offered = {
        visitor.name
        for visitor in (cast.owner, cast.teammate, cast.guest)
        if action in visitor.client.get(path).content.decode()
    }
    assert offered == {"owner"}
    Meeting.objects.filter(pk=cast.meeting.pk).update(state=Meeting.State.OPEN)
    assert action not in cast.owner.client.get(path).content.decode()


@pytest.mark.parametrize(
    ("setting", "owner", "shown"),
    [
        ("privacy@example.com", "owner@example.com", "mailto:privacy@example.com"),
        ("", "owner@example.com", "mailto:owner@example.com"),
        ("", "admin@localhost", "write to owner."),
        ("", "", "write to owner."),
    ],
)
def test_guests_are_told_the_address_to_ask(
    cast: Cast, settings: Any, setting: str, owner: str, shown: str
) -> None:
    settings.PRIVACY_CONTACT = setting
    User.objects.filter(pk=cast.meeting.owner_id).update(email=owner)
    Meeting.objects.filter(pk=cast.meeting.pk).update(state=Meeting.State.ENDED)
    page = cast.guest.client.get(f"/room/{cast.code}/").content.decode()
    assert shown in page

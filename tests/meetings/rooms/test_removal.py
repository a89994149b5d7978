"""Putting one person out, and shutting the door on those who are not in yet."""

import pytest
from asgiref.sync import sync_to_async

from meetings import access, services, sockets
from meetings.models import Meeting, Participant
from tests.cast import Cast, Visitor
from tests.meetings.rooms.test_room_socket import close_code, hear

JOIN = {"name": "Someone", "choice": "recorded"}


def seat_of(visitor: Visitor) -> Participant:
    assert visitor.seat
    return visitor.seat


def follow(cast: Cast, visitor: Visitor, meeting: Meeting) -> int:
    """Open the newest guest link in a browser; the status of the lobby."""
    assert cast.owner.user
    link = services.guest_link(meeting, cast.owner.user)
    visitor.client.get(f"/join/{access.token_for(link)}/")
    return visitor.client.get(f"/room/{meeting.code}/").status_code


def colleague(cast: Cast) -> Participant:
    """The teammate's seat, taken on the page."""
    cast.teammate.client.post(f"/room/{cast.code}/join/", {"choice": "recorded"})
    return Participant.objects.get(user=cast.teammate.user)


@pytest.mark.parametrize("address", ["remove", "let-in"])
def test_removing_is_for_the_owner(cast: Cast, address: str) -> None:
    path = f"/room/{cast.code}/{address}/{seat_of(cast.guest).pk}/"
    assert cast.let_in(path, "post") == {"owner"}
    assert cast.owner.client.get(path).status_code == 405


def test_the_door_is_shut_by_the_owner(cast: Cast) -> None:
    assert cast.let_in(f"/room/{cast.code}/close/", "post") == {"owner"}


def test_who_was_removed_is_told_to_the_owner(cast: Cast) -> None:
    services.remove(seat_of(cast.guest))
    path = f"/room/{cast.code}/door/"
    assert cast.let_in(path) == {"owner"}
    assert cast.owner.client.get(path).json() == {
        "hosts": [seat_of(cast.owner).pk],
        "removed": [{"id": seat_of(cast.guest).pk, "name": "Gita Guest"}],
    }


def test_a_removed_guest_has_no_seat_and_no_link(cast: Cast) -> None:
    path = f"/room/{cast.code}/remove/{seat_of(cast.guest).pk}/"
    assert cast.owner.client.post(path).status_code == 200
    client = cast.guest.client
    for address in ("", "in/"):
        assert client.get(f"/room/{cast.code}/{address}").status_code == 404
    assert client.post(f"/room/{cast.code}/join/", JOIN).status_code == 404
    assert cast.guest.link
    token = access.token_for(cast.guest.link)
    assert cast.nobody.client.get(f"/join/{token}/").status_code == 410


def test_a_new_link_lets_a_removed_guest_in_as_somebody_new(cast: Cast) -> None:
    services.remove(seat_of(cast.guest))
    assert follow(cast, cast.guest, cast.meeting) == 200
    cast.guest.client.post(f"/room/{cast.code}/join/", JOIN)
    assert cast.meeting.participants.filter(name="Someone", removed_at=None).exists()
    seat = Participant.objects.get(pk=seat_of(cast.guest).pk)
    assert seat.removed_at is not None


def test_a_removed_colleague_stays_out_and_is_told(cast: Cast) -> None:
    seat = colleague(cast)
    services.remove(seat)
    client = cast.teammate.client
    for answer in (
        client.get(f"/room/{cast.code}/"),
        client.post(f"/room/{cast.code}/join/", {"choice": "recorded"}),
        client.get(f"/room/{cast.code}/in/", follow=True),
    ):
        assert answer.status_code == 403
        assert "You were removed from this call" in answer.content.decode()
    assert client.post(f"/room/{cast.code}/consent/", JOIN).status_code == 404


def test_a_person_is_let_in_again_to_the_same_seat(cast: Cast) -> None:
    for visitor, seat in (
        (cast.guest, seat_of(cast.guest)),
        (cast.teammate, colleague(cast)),
    ):
        services.remove(seat)
        path = f"/room/{cast.code}/let-in/{seat.pk}/"
        assert cast.owner.client.post(path).json() == {"let_in": seat.pk}
        page = visitor.client.get(f"/room/{cast.code}/in/")
        assert f'data-seat="{seat.pk}"' in page.content.decode()


def test_a_host_is_not_removed(cast: Cast) -> None:
    path = f"/room/{cast.code}/remove/{seat_of(cast.owner).pk}/"
    assert cast.owner.client.post(path).status_code == 409
    assert cast.owner.client.get(f"/room/{cast.code}/in/").status_code == 200


@pytest.mark.parametrize("number", [0, 10**30])
def test_nobody_who_is_not_there_is_removed(cast: Cast, number: int) -> None:
    path = f"/room/{cast.code}/remove/{number}/"
    assert cast.owner.client.post(path).status_code == 404


def test_a_person_of_another_meeting_is_not_removed(cast: Cast) -> None:
    other = seat_of(cast.other_guest)
    path = f"/room/{cast.code}/remove/{other.pk}/"
    assert cast.owner.client.post(path).status_code == 404
    other.refresh_from_db()
    assert other.removed_at is None


def test_a_shut_door_keeps_who_is_in(cast: Cast) -> None:
    path = f"/room/{cast.code}/close/"
    assert cast.owner.client.post(path).json() == {"closed": 1}
    assert cast.guest.link
    token = access.token_for(cast.guest.link)
    assert cast.nobody.client.get(f"/join/{token}/").status_code == 410
    for address in ("in/", ""):
        answer = cast.guest.client.get(f"/room/{cast.code}/{address}")
        assert answer.status_code == 200
    again = cast.guest.client.post(f"/room/{cast.code}/join/", JOIN)
    assert again.headers["Location"] == f"/room/{cast.code}/in/"
    assert cast.meeting.participants.filter(user=None).count() == 1


def test_a_new_link_opens_a_shut_door(cast: Cast) -> None:
    services.close_links(cast.meeting)
    assert follow(cast, cast.nobody, cast.meeting) == 200


@pytest.mark.django_db(transaction=True)
async def test_it_puts_only_the_removed_out_of_the_room(cast: Cast) -> None:
    path = f"/ws/room/{cast.code}/"
    async with (
        cast.guest.socket(path) as (_, guest),
        cast.owner.socket(path) as (_, owner),
    ):
        await hear(guest)
        await hear(owner)
        await sync_to_async(services.remove)(seat_of(cast.guest))
        assert await close_code(guest) == sockets.REVOKED
        await owner.send_json_to({"type": "ping"})
        assert (await hear(owner))["type"] == "pong"
    assert not await cast.guest.opens(path)


@pytest.mark.django_db(transaction=True)
async def test_a_shut_door_leaves_sockets_open(cast: Cast) -> None:
    async with cast.guest.socket(f"/ws/room/{cast.code}/") as (_, guest):
        await hear(guest)
        await sync_to_async(services.close_links)(cast.meeting)
        await guest.send_json_to({"type": "ping"})
        assert (await hear(guest))["type"] == "pong"


@pytest.mark.django_db(transaction=True)
async def test_the_removed_read_no_captions(cast: Cast) -> None:
    path = f"/ws/captions/{cast.code}/"
    seat = await sync_to_async(colleague)(cast)
    for person in (seat, seat_of(cast.guest)):
        await sync_to_async(services.remove)(person)
    assert await cast.let_in_by_socket(path) == {"owner"}

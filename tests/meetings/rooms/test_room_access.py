"""Who gets what, for every address of the room."""

import pytest

from meetings import services
from tests.cast import Cast

IN_THE_ROOM = {"owner", "guest"}
INVITED = {"owner", "teammate", "guest"}


def test_the_lobby_is_for_team_and_invited(cast: Cast) -> None:
    assert cast.let_in(f"/room/{cast.code}/") == INVITED


def test_joining_is_for_team_and_invited(cast: Cast) -> None:
    answer = {"name": "Someone", "choice": "recorded"}
    path = f"/room/{cast.code}/join/"
    assert cast.let_in(path, "post", data=answer) == INVITED


def test_the_room_is_for_who_has_a_seat(cast: Cast) -> None:
    path = f"/room/{cast.code}/in/"
    assert cast.let_in(path) == {"owner", "guest", "teammate"}
    sent = cast.teammate.client.get(path)
    assert sent.headers["Location"] == f"/room/{cast.code}/"


def test_a_changed_mind_is_heard_from_who_has_a_seat(cast: Cast) -> None:
    path = f"/room/{cast.code}/consent/"
    assert cast.let_in(path, "post", data={"choice": "unrecorded"}) == IN_THE_ROOM


def test_a_language_is_said_by_who_has_a_seat(cast: Cast) -> None:
    path = f"/room/{cast.code}/language/"
    assert cast.let_in(path, "post", data={"language": "fr"}) == IN_THE_ROOM
    assert cast.guest.seat
    cast.guest.seat.refresh_from_db()
    assert cast.guest.seat.language == "fr"


def test_a_language_that_nobody_speaks_is_refused(cast: Cast) -> None:
    path = f"/room/{cast.code}/language/"
    answer = cast.guest.client.post(path, {"language": "xx"})
    assert answer.status_code == 422
    assert "no language code" in answer.json()["error"]


@pytest.mark.parametrize("address", ["link", "revoke", "title", "end"])
def test_running_the_meeting_is_for_its_owner(cast: Cast, address: str) -> None:
    assert cast.let_in(f"/room/{cast.code}/{address}/", "post") == {"owner"}


def test_a_new_meeting_is_for_who_has_an_account(cast: Cast) -> None:
    accounts = {"owner", "teammate", "stranger"}
    assert cast.let_in("/meetings/new/", "post") == accounts


@pytest.mark.parametrize(
    "address", ["link", "revoke", "title", "end", "consent", "language"]
)
def test_a_link_followed_by_mistake_changes_nothing(cast: Cast, address: str) -> None:
    answer = cast.owner.client.get(f"/room/{cast.code}/{address}/")
    assert answer.status_code == 405


def test_the_address_of_joining_typed_again_leads_to_the_lobby(cast: Cast) -> None:
    answer = cast.guest.client.get(f"/room/{cast.code}/join/")
    assert answer.headers["Location"] == f"/room/{cast.code}/"


@pytest.mark.django_db(transaction=True)
async def test_the_socket_is_for_who_has_a_seat(cast: Cast) -> None:
    assert await cast.let_in_by_socket(f"/ws/room/{cast.code}/") == IN_THE_ROOM


def test_a_guest_of_an_ended_call_is_told(cast: Cast) -> None:
    services.end_meeting(cast.meeting)
    page = cast.guest.client.get(f"/room/{cast.code}/in/")
    assert "This call has ended" in page.content.decode()
    assert cast.owner.client.get(f"/room/{cast.code}/").headers["Location"] == (
        f"/calls/{cast.code}/"
    )

"""The cast itself: what the gates say of each of them."""

from typing import Any

import pytest
from channels.auth import AuthMiddlewareStack
from channels.testing import WebsocketCommunicator

from meetings import access
from meetings.models import Meeting
from tests.cast import Cast


def test_it_gives_everybody_but_two_accounts_or_links(cast: Cast) -> None:
    assert [v.name for v in cast.everybody] == [
        "owner",
        "teammate",
        "guest",
        "other_guest",
        "stranger",
        "nobody",
    ]
    assert {v.name for v in cast.everybody if v.user} == {
        "owner",
        "teammate",
        "stranger",
    }


def test_it_shows_the_meeting_to_its_team_only(cast: Cast) -> None:
    seeing = {
        v.name
        for v in cast.everybody
        if v.user and cast.meeting in Meeting.objects.visible_to(v.user)
    }
    assert seeing == {"owner", "teammate"}


def test_it_seats_owner_and_guest(cast: Cast) -> None:
    guest, other = cast.guest, cast.other_guest
    assert access.redeemed_link(guest.client.session, cast.code) == guest.link
    assert access.redeemed_link(other.client.session, cast.code) is None


def test_it_tells_who_is_let_in(cast: Cast) -> None:
    assert cast.let_in("/livez") == {v.name for v in cast.everybody}
    assert cast.let_in("/no-such-address") == set()


@pytest.mark.django_db(transaction=True)
async def test_it_sends_the_session_with_a_websocket(cast: Cast) -> None:
    async def whoami(scope: Any, receive: Any, send: Any) -> None:
        await receive()
        accepted = scope["user"].is_authenticated
        await send({"type": "websocket.accept" if accepted else "websocket.close"})

    for visitor in cast.everybody:
        headers = visitor.headers
        socket = WebsocketCommunicator(AuthMiddlewareStack(whoami), "/", headers)
        accepted, _ = await socket.connect()
        assert accepted == (visitor.user is not None)

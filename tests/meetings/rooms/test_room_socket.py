"""The room's websocket, without media: who may stay, and what it refuses."""

import asyncio
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from channels.testing import WebsocketCommunicator

from meetings import services, sockets
from meetings.rooms import consumers
from meetings.valkey import Inbox
from tests.cast import Cast

pytestmark = pytest.mark.django_db(transaction=True)


async def close_code(socket: WebsocketCommunicator) -> int:
    while True:
        message: dict[str, Any] = await socket.receive_output(5)
        if message["type"] == "websocket.close":
            return int(message["code"])


async def hear(socket: WebsocketCommunicator) -> Any:
    return await socket.receive_json_from(timeout=5)


def room(cast: Cast) -> str:
    return f"/ws/room/{cast.code}/"


async def test_it_says_who_you_are(cast: Cast) -> None:
    assert cast.guest.seat
    async with cast.guest.socket(room(cast)) as (_, socket):
        title = cast.meeting.title
        hello = {"type": "hello", "you": cast.guest.seat.pk}
        assert await hear(socket) == hello | {"title": title, "name": title}


async def hear_of(socket: WebsocketCommunicator, word: str) -> Any:
    while (message := await hear(socket))["type"] != word:
        pass
    return message


async def test_it_tells_everybody_a_new_title(cast: Cast, inbox: Inbox) -> None:
    """To guests a call without one is its host's, to colleagues the customers'."""
    async with (
        cast.guest.socket(room(cast)) as (_, guest),
        cast.owner.socket(room(cast)) as (_, owner),
    ):
        both = (guest, owner)
        for title, names in [
            ("Globex renewal", ["Globex renewal"] * 2),
            ("", ["Call with owner", "Call with Gita Guest"]),
        ]:
            await sync_to_async(services.rename)(cast.meeting, title)
            told = [await hear_of(socket, "meeting") for socket in both]
            assert [word["title"] for word in told] == [title] * 2
            assert [word["name"] for word in told] == names


async def test_it_tells_the_time_on_the_meeting_clock(cast: Cast) -> None:
    async with cast.guest.socket(room(cast)) as (_, socket):
        await hear(socket)
        before = cast.meeting.clock_ms()
        await socket.send_json_to({"type": "ping", "n": 7})
        pong = await hear(socket)
        assert before <= pong["clock_ms"] <= cast.meeting.clock_ms()
        assert pong["n"] == 7
        await socket.send_json_to({"type": "ping", "n": {"x": "y"}})
        assert (await hear(socket))["n"] == 0


async def test_it_puts_a_revoked_guest_out_at_once(cast: Cast) -> None:
    async with cast.guest.socket(room(cast)) as (_, socket):
        await hear(socket)
        started = asyncio.get_running_loop().time()
        await sync_to_async(services.revoke_links)(cast.meeting.guest_links.all())
        assert await close_code(socket) == sockets.REVOKED
        assert asyncio.get_running_loop().time() - started < 5


async def test_it_lets_the_owner_stay_when_links_are_revoked(cast: Cast) -> None:
    async with cast.owner.socket(room(cast)) as (_, socket):
        await hear(socket)
        await sync_to_async(services.revoke_links)(cast.meeting.guest_links.all())
        await socket.send_json_to({"type": "ping"})
        assert (await hear(socket))["type"] == "pong"


async def test_it_notices_what_another_process_did(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("meetings.sockets.UNTOLD", 0.1)
    async with cast.guest.socket(room(cast)) as (_, socket):
        await hear(socket)
        await cast.meeting.guest_links.aupdate(revoked_at=cast.meeting.created_at)
        assert await close_code(socket) == sockets.REVOKED


async def test_it_tells_that_the_call_is_over(cast: Cast) -> None:
    async with cast.guest.socket(room(cast)) as (_, socket):
        await hear(socket)
        await (
            type(cast.meeting).objects.filter(pk=cast.meeting.pk).aupdate(state="ended")
        )
        async with cast.owner.socket(room(cast)) as (_, late):
            assert await hear(late) == {"type": "ended"}
            assert await close_code(late) == sockets.OVER


async def test_it_gives_a_seat_to_the_newest_browser(cast: Cast) -> None:
    async with (
        cast.guest.socket(room(cast)) as (_, first),
        cast.guest.socket(room(cast)) as (_, second),
    ):
        assert (await hear(second))["type"] == "hello"
        assert [(await hear(first))["type"] for _ in range(2)] == ["hello", "replaced"]
        assert await close_code(first) == sockets.REPLACED


async def test_it_leaves_a_seat_that_is_taken_to_a_browser_that_asks(
    cast: Cast,
) -> None:
    async with cast.guest.socket(room(cast)) as (_, first):
        await hear(first)
        async with cast.guest.socket(f"{room(cast)}?ask=1") as (_, second):
            assert await close_code(second) == sockets.TAKEN
        await first.send_json_to({"type": "ping"})
        assert (await hear(first))["type"] == "pong"


async def test_it_gives_a_free_seat_to_a_browser_that_asks(cast: Cast) -> None:
    async with cast.guest.socket(f"{room(cast)}?ask=1") as (_, socket):
        assert (await hear(socket))["type"] == "hello"


async def test_it_refuses_a_page_of_somebody_else(cast: Cast) -> None:
    from config.asgi import application

    headers = [(b"origin", b"http://elsewhere.example")]
    theirs = [pair for pair in cast.guest.headers if pair[0] != b"origin"]
    socket = WebsocketCommunicator(application, room(cast), headers=theirs + headers)
    assert (await socket.connect())[0] is False


@pytest.mark.parametrize(
    "text", ["{", "[]", "7", '{"type": "fly"}', '{"type": ["join"]}', "{}"]
)
async def test_it_answers_nonsense_with_its_reason(cast: Cast, text: str) -> None:
    async with cast.guest.socket(room(cast)) as (_, socket):
        await hear(socket)
        await socket.send_to(text_data=text)
        assert (await hear(socket))["code"] == "bad_message"


async def test_it_closes_on_a_message_that_is_too_large(cast: Cast) -> None:
    async with cast.guest.socket(room(cast)) as (_, socket):
        await hear(socket)
        await socket.send_json_to({"type": "join", "sdp": "x" * 70_000})
        assert await close_code(socket) == sockets.TOO_LARGE


async def test_it_closes_on_a_flood(cast: Cast) -> None:
    async with cast.guest.socket(room(cast)) as (_, socket):
        await hear(socket)
        for _ in range(consumers.BURST + 2):
            await socket.send_json_to({"type": "ping"})
        assert await close_code(socket) == sockets.TOO_MANY


async def test_a_host_mutes_a_guest(cast: Cast) -> None:
    assert cast.guest.seat and cast.owner.seat
    async with (
        cast.owner.socket(room(cast)) as (_, host),
        cast.guest.socket(room(cast)) as (_, guest),
    ):
        await hear(guest)
        whom = {"type": "mute", "participant": cast.guest.seat.pk}
        await host.send_json_to(whom)
        assert await hear(guest) == {"type": "mute", "by": cast.owner.seat.name}


async def test_a_guest_mutes_nobody(cast: Cast) -> None:
    assert cast.owner.seat
    async with (
        cast.owner.socket(room(cast)) as (_, host),
        cast.guest.socket(room(cast)) as (_, guest),
    ):
        await hear(host), await hear(guest)
        whom = {"type": "mute", "participant": cast.owner.seat.pk}
        await guest.send_json_to(whom)
        assert (await hear(guest))["code"] == "not_host"
        assert await host.receive_nothing()


@pytest.mark.parametrize("whom", [None, "1", [], 10**30])
async def test_a_host_who_mutes_nobody_known_is_not_put_out(
    cast: Cast, whom: Any
) -> None:
    async with cast.owner.socket(room(cast)) as (_, host):
        await hear(host)
        await host.send_json_to({"type": "mute", "participant": whom})
        await host.send_json_to({"type": "ping"})
        assert (await hear(host))["type"] == "pong"

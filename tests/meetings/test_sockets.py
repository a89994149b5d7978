"""What all websockets do with garbage, lost rights and a database that is away."""

import asyncio
import json
from collections.abc import Iterator
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from channels.testing import WebsocketCommunicator
from django.db import InterfaceError, OperationalError
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from dashboard.call.consumers import CallConsumer
from meetings import sockets
from meetings.rooms import presence
from meetings.rooms.consumers import RoomConsumer
from meetings.sockets import BadMessage, WatchedSocket, read
from tests.cast import Cast
from transcription.live import live_captions
from transcription.live.consumers import CaptionConsumer

pytestmark = pytest.mark.django_db(transaction=True)

CONSUMERS = {
    "room": RoomConsumer,
    "captions": CaptionConsumer,
    "calls": CallConsumer,
}
GARBAGE = (" ", "{", "[]", "[" * 20_000, '{"type": []}', '"\\ud800"', "1" * 6000)
each = pytest.mark.parametrize("name", CONSUMERS)


@pytest.fixture(autouse=True)
def no_hub_is_left(cast: Cast) -> Iterator[None]:
    yield
    live_captions.current().hubs.close(cast.meeting.pk)


async def close_code(socket: WebsocketCommunicator) -> int:
    while True:
        message: dict[str, Any] = await socket.receive_output(5)
        if message["type"] == "websocket.close":
            return int(message["code"])


@each
async def test_garbage_is_answered_or_left_alone(cast: Cast, name: str) -> None:
    """And neither ends the socket nor its watch over the right to be there."""
    async with cast.owner.socket(f"/ws/{name}/{cast.code}/") as (_, socket):
        await socket.receive_from(5)
        for text in GARBAGE:
            await socket.send_to(text_data=text)
        await socket.send_to(bytes_data=b"\xff\x00")
        await asyncio.sleep(0.2)
        assert not socket.future.done()


@each
async def test_a_message_has_its_bound_in_bytes(cast: Cast, name: str) -> None:
    async with cast.owner.socket(f"/ws/{name}/{cast.code}/") as (_, socket):
        await socket.receive_from(5)
        await socket.send_to(text_data="ä" * (sockets.MAX_BYTES // 2 + 1))
        assert await close_code(socket) == sockets.TOO_LARGE


@each
async def test_who_signs_out_is_put_out(
    cast: Cast, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sockets, "UNTOLD", 0.05)
    visitor = cast.owner if name == "room" else cast.teammate
    async with visitor.socket(f"/ws/{name}/{cast.code}/") as (_, socket):
        await socket.receive_from(5)
        await sync_to_async(visitor.client.logout)()
        assert await close_code(socket) in (sockets.REVOKED, sockets.NO_RIGHT)


@each
async def test_who_is_deactivated_is_put_out(
    cast: Cast, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sockets, "UNTOLD", 0.05)
    visitor = cast.owner if name == "room" else cast.teammate
    async with visitor.socket(f"/ws/{name}/{cast.code}/") as (_, socket):
        await socket.receive_from(5)
        assert visitor.user
        visitor.user.is_active = False
        await visitor.user.asave()
        assert await close_code(socket) in (sockets.REVOKED, sockets.NO_RIGHT)


@each
async def test_a_right_is_looked_up_again_when_the_database_is_back(
    cast: Cast, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sockets, "UNTOLD", 0.05)
    visit, away = WatchedSocket.visitor, [False]

    async def visitor(self: WatchedSocket) -> tuple[Any, Any]:
        if away[0]:
            raise InterfaceError("the connection already closed")
        return await visit(self)

    monkeypatch.setattr(WatchedSocket, "visitor", visitor)
    who = cast.owner if name == "room" else cast.teammate
    async with who.socket(f"/ws/{name}/{cast.code}/") as (_, socket):
        await socket.receive_from(5)
        away[0] = True
        await asyncio.sleep(0.2)
        assert not socket.future.done()
        await sync_to_async(who.client.logout)()
        away[0] = False
        assert await close_code(socket) in (sockets.REVOKED, sockets.NO_RIGHT)


@each
async def test_nobody_reads_on_for_long_unchecked(
    cast: Cast, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sockets, "UNTOLD", 0.05)
    monkeypatch.setattr(sockets, "BLIND", 0.2)
    async with cast.owner.socket(f"/ws/{name}/{cast.code}/") as (_, socket):
        await socket.receive_from(5)

        async def away(self: WatchedSocket) -> Any:
            raise OperationalError("the server is away")

        monkeypatch.setattr(WatchedSocket, "visitor", away)
        assert await close_code(socket) == sockets.TRY_AGAIN


async def test_a_browser_that_does_not_read_is_let_go(cast: Cast) -> None:
    async with cast.owner.socket(f"/ws/room/{cast.code}/") as (_, socket):
        await socket.receive_from(5)
        for _ in range(2000):
            presence.tell(cast.meeting.pk, {"type": "people"})
        assert await close_code(socket) == sockets.TRY_AGAIN


@pytest.mark.parametrize("since", ["5" * 5000, "-1", "٣", "1e9", ""])
async def test_captions_start_wherever_garbage_says(cast: Cast, since: str) -> None:
    path = f"/ws/captions/{cast.code}/?since={since}"
    async with cast.owner.socket(path) as (_, socket):
        assert json.loads(await socket.receive_from(5))["type"] == "hello"


@given(st.binary(max_size=200) | st.text(max_size=200).map(lambda t: t.encode()))
@example(b'{"type": "\\ud800"}')
@example(b"[" * 100_000)
@example(b'{"a": ' + b"9" * 5000 + b"}")
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=300)
def test_whatever_comes_is_an_object_or_refused(data: bytes) -> None:
    try:
        message = read(data)
    except BadMessage:
        return
    json.dumps(message, ensure_ascii=False).encode()

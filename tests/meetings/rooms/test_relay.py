"""Connections that another process answers. Two relays, on a Valkey of their own."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any

import pytest

from meetings.rooms import relay as relays
from meetings.rooms.relay import Relay
from meetings.rooms.tunnel import WINDOW, packed, unpacked
from meetings.sockets import MAX_BYTES, TRY_AGAIN
from meetings.valkey import Inbox

pytestmark = pytest.mark.usefixtures("redis")
App = Callable[..., Awaitable[None]]

ROOM = {
    "type": "websocket",
    "path": "/ws/room/abc/",
    "query_string": b"ask=1",
    "headers": [(b"cookie", b"sessionid=\xe4")],
    "state": object(),  # makes no sense elsewhere
}
OPENED = {"type": "websocket.connect"}
OVER = {"type": "websocket.disconnect", "code": 1001}


@contextmanager
def process(name: str, app: Any = None) -> Iterator[Relay]:
    one = Relay(name, app)
    inbox = Inbox({one.channel: one.take})
    inbox.start()
    assert inbox.wait(5)
    one.start()
    try:
        yield one
    finally:
        inbox.stop()
        one.stop()


class Visit:
    """A browser's side of a carried connection."""

    def __init__(self) -> None:
        self.says: asyncio.Queue[Any] = asyncio.Queue()
        self.got: asyncio.Queue[Any] = asyncio.Queue()

    async def told(self) -> Any:
        return await asyncio.wait_for(self.got.get(), 5)


@asynccontextmanager
async def carried(
    here: Relay, there: Relay, scope: Any, *says: Any
) -> AsyncIterator[Visit]:
    visit = Visit()
    for event in says:
        visit.says.put_nowait(event)
    work = here.carry(there.channel, 7, scope, visit.says.get, visit.got.put)
    task = asyncio.create_task(work)
    try:
        yield visit
    finally:
        if scope["type"] == "websocket":
            visit.says.put_nowait(OVER)
        await asyncio.wait_for(task, 5)


async def echo(scope: Any, receive: Any, send: Any) -> None:
    assert await receive() == OPENED
    await send({"type": "websocket.accept", "headers": [(b"a", b"\xff")]})
    while (event := await receive())["type"] == "websocket.receive":
        await send({"type": "websocket.send", "text": event["text"]})


def test_bytes_cross_as_they_are() -> None:
    event = {"headers": [(b"\x00\xff", b"")], "bytes": b"x", "text": None, "n": [1, {}]}
    assert unpacked(packed(event)) == event | {"headers": [[b"\x00\xff", b""]]}


async def test_it_answers_as_if_it_had_been_asked_itself() -> None:
    asked = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        asked.append(scope)
        await echo(scope, receive, send)

    with process("one") as here, process("two", app) as there:
        async with carried(here, there, ROOM, OPENED) as visit:
            accepted = {"type": "websocket.accept", "headers": [[b"a", b"\xff"]]}
            assert await visit.told() == accepted
            visit.says.put_nowait({"type": "websocket.receive", "text": "na\xefve"})
            assert (await visit.told())["text"] == "na\xefve"
        assert not here.carried()
    (scope,) = asked
    assert scope["headers"] == [[b"cookie", b"sessionid=\xe4"]]
    assert (scope["query_string"], scope["relayed"]) == (b"ask=1", True)
    assert "state" not in scope


async def test_it_refuses_whom_the_other_refuses() -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "websocket.close", "code": 4404})

    with process("one") as here, process("two", app) as there:
        async with carried(here, there, ROOM, OPENED) as visit:
            assert await visit.told() == {"type": "websocket.close", "code": 4404}


async def test_it_answers_requests_too() -> None:
    body = b"v=0\xff"

    async def app(scope: Any, receive: Any, send: Any) -> None:
        said = await receive()
        await send({"type": "http.response.start", "status": 201, "headers": []})
        await send({"type": "http.response.body", "body": said["body"]})

    scope = {"type": "http", "method": "POST", "path": "/whip/abc/", "headers": []}
    offer = {"type": "http.request", "body": body, "more_body": False}
    with process("one") as here, process("two", app) as there:
        async with carried(here, there, scope, offer) as visit:
            assert (await visit.told())["status"] == 201
            assert (await visit.told())["body"] == body


async def test_who_reads_slowly_is_waited_for() -> None:
    sent = 0

    async def app(scope: Any, receive: Any, send: Any) -> None:
        nonlocal sent
        for _ in range(4 * WINDOW):
            await send({"type": "websocket.send", "text": "word"})
            sent += 1

    with process("one") as here, process("two", app) as there:
        visit, slow = Visit(), asyncio.Event()

        async def reader(event: Any) -> None:
            await slow.wait()
            visit.got.put_nowait(event)

        work = here.carry(there.channel, 7, ROOM, visit.says.get, reader)
        task = asyncio.create_task(work)
        await asyncio.sleep(0.5)
        assert WINDOW <= sent < 2 * WINDOW
        slow.set()
        for _ in range(4 * WINDOW):
            await visit.told()
        visit.says.put_nowait(OVER)
        await task


async def test_who_is_carried_comes_again_when_the_other_goes() -> None:
    """As when its process is killed: Valkey sees nobody listening any more."""
    with process("one") as here:
        with process("two", echo) as there:
            inbox_gone = carried(here, there, ROOM, OPENED)
            visit = await inbox_gone.__aenter__()
            assert (await visit.told())["type"] == "websocket.accept"
        again = {"type": "websocket.close", "code": TRY_AGAIN}
        assert await visit.told() == again
        await inbox_gone.__aexit__(None, None, None)


async def test_a_holder_that_nobody_knows_is_no_holder() -> None:
    nobody = Relay("nobody", echo)
    with process("one") as here:
        async with carried(here, nobody, ROOM, OPENED) as visit:
            assert (await visit.told())["code"] == TRY_AGAIN


async def test_one_that_says_nothing_is_not_waited_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(relays, "ANSWER", 0.2)

    async def frozen(scope: Any, receive: Any, send: Any) -> None:
        while (await receive())["type"] != "websocket.disconnect":
            pass

    with process("one") as here, process("two", frozen) as there:
        async with carried(here, there, ROOM, OPENED) as visit:
            assert (await visit.told())["code"] == TRY_AGAIN


async def test_the_other_hears_that_the_browser_is_gone() -> None:
    """Also when its process went without a word."""
    heard: list[Any] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        while not heard or not heard[-1]["type"].endswith("disconnect"):
            heard.append(await receive())

    with process("two", app) as there, process("one") as here:
        async with carried(here, there, ROOM, OPENED):
            while not heard:
                await asyncio.sleep(0.01)
            there.drop(here.channel)
            while heard[-1]["type"] != "websocket.disconnect":
                await asyncio.sleep(0.01)
    assert [event["type"] for event in heard] == ["websocket.connect", OVER["type"]]


async def test_a_message_that_is_too_large_stays_so() -> None:
    with process("one") as here, process("two", echo) as there:
        async with carried(here, there, ROOM, OPENED) as visit:
            await visit.told()
            visit.says.put_nowait({"type": "websocket.receive", "text": "x" * 10**6})
            assert len((await visit.told())["text"]) == MAX_BYTES + 1

"""People who come to a process that does not hold their call: they are in it all the
same. Real processes on one Valkey and one database; pages are this process."""

import asyncio
import json
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any

import pytest
import websockets
from asgiref.sync import sync_to_async

from benchmarks.callers import Reader
from meetings.rooms import waiting
from meetings.rooms.leases import holder_of
from tests.cast import Cast, Visitor
from tests.fakes import FakeBrowser
from tests.faults.conftest import SITE, CallProcess
from tests.faults.test_two_processes import Two, caller, in_call, is_open, until
from tests.meetings.rooms.test_waiting import host, knock, state

pytestmark = pytest.mark.django_db(transaction=True)

TRY_AGAIN = 4503


def cookie(visitor: Visitor) -> str:
    return f"sessionid={visitor.client.cookies['sessionid'].value}"


class Page:
    """A room page in the call, and what it was told."""

    def __init__(self, socket: Any) -> None:
        self._socket = socket
        self.told: list[dict[str, Any]] = []

    async def say(self, kind: str, **words: Any) -> None:
        await self._socket.send(json.dumps({"type": kind, **words}))

    async def listen(self) -> None:
        async for text in self._socket:
            self.told.append(json.loads(text))

    def of(self, kind: str) -> list[dict[str, Any]]:
        return [message for message in self.told if message["type"] == kind]

    def chat(self) -> list[tuple[str, str]]:
        return [(line["name"], line["text"]) for line in self.of("chat")]


@asynccontextmanager
async def page(
    process: CallProcess, cast: Cast, visitor: Visitor
) -> AsyncIterator[Page]:
    address = process.url.replace("http", "ws", 1) + f"/ws/room/{cast.code}/"
    headers = {"Cookie": cookie(visitor)}
    origin: Any = SITE
    browser = FakeBrowser(deaf=True)
    async with websockets.connect(
        address, additional_headers=headers, origin=origin
    ) as socket:
        here = Page(socket)
        listening = asyncio.create_task(here.listen())
        await here.say("join", sdp=await browser.offer())
        try:
            await until(lambda: here.of("answer"))
            await browser.accept(here.of("answer")[0]["sdp"])
            yield here
        finally:
            listening.cancel()
            with suppress(asyncio.CancelledError, websockets.WebSocketException):
                await listening
            await browser.close()


@asynccontextmanager
async def reading(
    process: CallProcess, cast: Cast, visitor: Visitor
) -> AsyncIterator[Reader]:
    reader = Reader(process.url, cast.code, cookie(visitor), origin=SITE)
    task = asyncio.create_task(reader.run())
    try:
        yield reader
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def test_who_comes_to_the_other_one_is_in_the_call(
    call_processes: Two, cast: Cast
) -> None:
    first, second = call_processes
    async with (
        in_call(caller(first, cast, cast.owner)),
        page(second, cast, cast.guest) as guest,
    ):
        assert await sync_to_async(holder_of)(cast.meeting.pk) == first.node
        await until(lambda: is_open(cast.guest))
        seen = guest.of("people")[-1]["people"]
        assert {p["name"] for p in seen} == {"Olga Owner", "Gita Guest"}


async def test_a_guest_who_knocked_is_let_in_and_written_to(
    call_processes: Two, cast: Cast
) -> None:
    """The host is at the process that holds the call, and a colleague's page and the
    guest at the other one."""
    first, second = call_processes
    await sync_to_async(waiting.switch)(cast.meeting, True)
    async with page(first, cast, cast.owner) as owner:
        one = await sync_to_async(knock)(cast, cast.nobody)
        await until(lambda: owner.of("knocks"))
        assert await sync_to_async(host)(cast, f"knocks/{one.pk}/let-in/")
        assert await sync_to_async(state)(cast, cast.nobody) == "in"
        async with page(second, cast, cast.nobody) as guest:
            await owner.say("chat", key="a", text="Welcome")
            await guest.say("chat", key="b", text="Thank you")
            said = [("Olga Owner", "Welcome"), ("Nora", "Thank you")]
            await until(lambda: len(owner.chat()) == len(guest.chat()) == 2)
            assert sorted(owner.chat()) == sorted(guest.chat()) == sorted(said)
            await guest.say("read_chat", after=0)
            await until(lambda: guest.of("chat_so_far"))
            assert len(guest.of("chat_so_far")[0]["messages"]) == 2


async def test_a_host_at_the_other_one_opens_the_door_and_mutes(
    call_processes: Two, cast: Cast
) -> None:
    first, second = call_processes
    await sync_to_async(waiting.switch)(cast.meeting, True)
    async with (
        page(first, cast, cast.guest) as guest,
        page(second, cast, cast.owner) as owner,
    ):
        one = await sync_to_async(knock)(cast, cast.nobody)
        await until(lambda: owner.of("knocks"))
        assert await sync_to_async(host)(cast, f"knocks/{one.pk}/refuse/")
        assert await sync_to_async(state)(cast, cast.nobody) == "refused"
        await until(lambda: len(owner.of("knocks")) > 1)
        assert cast.guest.seat
        await owner.say("mute", participant=cast.guest.seat.pk)
        await until(lambda: guest.of("mute"))


async def test_captions_are_read_at_either(call_processes: Two, cast: Cast) -> None:
    """Who read along before anybody held the call does so afterwards."""
    first, second = call_processes
    async with (
        reading(second, cast, cast.owner) as early,
        reading(first, cast, cast.owner) as near,
    ):
        await asyncio.sleep(1)
        async with (
            in_call(caller(first, cast, cast.owner)),
            reading(second, cast, cast.guest) as late,
        ):
            everybody = (early, near, late)
            await until(lambda: all(final(reader) for reader in everybody), 60)
    words = [{line.stable for line in finals(reader)} for reader in everybody]
    assert words[0] & words[1] & words[2]
    assert any(not caption.final for caption in captions(late))
    delays = sorted(later_by(near, late))
    assert delays[len(delays) // 2] < 0.1


def captions(reader: Reader) -> list[Any]:
    return [caption for heard in reader.events.values() for _, caption in heard]


def finals(reader: Reader) -> list[Any]:
    return [caption for caption in captions(reader) if caption.final]


def final(reader: Reader) -> bool:
    return bool(finals(reader))


def later_by(near: Reader, far: Reader) -> list[float]:
    """Seconds between the same caption here and there."""
    seen = [
        {(c.utterance_id, c.rev): at for heard in r.events.values() for at, c in heard}
        for r in (near, far)
    ]
    return [seen[1][which] - seen[0][which] for which in seen[0].keys() & seen[1]]


async def test_who_is_carried_comes_again_when_the_holder_is_killed(
    call_processes: Two, cast: Cast
) -> None:
    first, second = call_processes
    async with in_call(caller(first, cast, cast.owner)):
        address = second.url.replace("http", "ws", 1) + f"/ws/captions/{cast.code}/"
        headers = {"Cookie": cookie(cast.owner)}
        origin: Any = SITE
        async with websockets.connect(
            address, additional_headers=headers, origin=origin
        ) as socket:
            assert json.loads(await socket.recv())["type"] == "hello"
            first.signal(signal.SIGKILL)
            async with asyncio.timeout(5):
                with pytest.raises(websockets.ConnectionClosed) as end:
                    while True:
                        await socket.recv()
            assert end.value.rcvd and end.value.rcvd.code == TRY_AGAIN

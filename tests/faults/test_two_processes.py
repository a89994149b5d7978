"""Two processes that hold calls, on one Valkey and one database."""

import asyncio
import signal
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import pytest
from asgiref.sync import sync_to_async

from benchmarks.call import FIXTURE_CALL, read_call
from benchmarks.callers import Caller
from benchmarks.site import Seat
from meetings import services
from meetings.models import Meeting, Participant, Track
from meetings.rooms.leases import LEASE, holder_of
from tests.cast import Cast, Visitor
from tests.faults.conftest import SITE, CallProcess
from tests.waiting import wait_until

pytestmark = pytest.mark.django_db(transaction=True)
Two = list[CallProcess]

AT_ONCE = 1.0  # s for what a page asked to take hold
ANNA = read_call(FIXTURE_CALL)[0]


def caller(process: CallProcess, cast: Cast, visitor: Visitor) -> Caller:
    assert visitor.seat
    cookie = f"sessionid={visitor.client.cookies['sessionid'].value}"
    seat = Seat(visitor.seat.pk, cookie)
    return Caller(process.url, cast.code, seat, ANNA, origin=SITE)


@asynccontextmanager
async def in_call(one: Caller) -> AsyncIterator[Caller]:
    one.start()
    try:
        async with asyncio.timeout(30):
            await one.is_in.wait()
        yield one
    finally:
        await one.stop()


async def until(true: Callable[[], object], seconds: float = 20.0) -> float:
    """Seconds that it took."""
    began = time.monotonic()
    await sync_to_async(wait_until)(true, seconds)
    return time.monotonic() - began


def is_open(visitor: Visitor) -> bool:
    rows = Track.objects.filter(participant=visitor.seat, state="open")
    return rows.exists()


async def test_what_a_page_asks_takes_hold_at_once(
    call_processes: Two, cast: Cast
) -> None:
    """The page is this process: it holds no rooms."""
    first, _ = call_processes
    async with (
        in_call(caller(first, cast, cast.owner)),
        in_call(caller(first, cast, cast.guest)) as guest,
    ):
        await until(lambda: is_open(cast.guest))
        assert cast.guest.seat and cast.owner.seat
        choose = sync_to_async(services.change_consent)
        await choose(cast.owner.seat, Participant.Consent.UNRECORDED, "::1")
        assert await until(lambda: not is_open(cast.owner)) < AT_ONCE
        await sync_to_async(services.remove)(cast.guest.seat)
        assert await until(lambda: guest.lost) < AT_ONCE
        assert await sync_to_async(services.end_meeting)(cast.meeting)
    over = await Meeting.objects.aget(pk=cast.meeting.pk)
    assert over.is_over
    assert await sync_to_async(holder_of)(cast.meeting.pk) is None


async def test_a_frozen_holder_that_wakes_up_writes_nothing(
    call_processes: Two, cast: Cast
) -> None:
    first, second = call_processes
    async with in_call(caller(first, cast, cast.owner)):
        await until(lambda: is_open(cast.owner))
        first.signal(signal.SIGSTOP)
        try:
            await until(lambda: holder_of(cast.meeting.pk) is None, LEASE + 5)
            async with in_call(caller(second, cast, cast.guest)):
                first.signal(signal.SIGCONT)
                await until(lambda: "took a room over" in first.log.read_text())
                await until(lambda: "former holder" in first.log.read_text())
                assert await sync_to_async(holder_of)(cast.meeting.pk) == second.node
                owner = await Participant.objects.aget(pk=cast.owner.seat.pk)  # type: ignore[union-attr]
                assert owner.left_at is None
                assert await sync_to_async(is_open)(cast.owner)
                assert await sync_to_async(is_open)(cast.guest)
        finally:
            first.signal(signal.SIGCONT)

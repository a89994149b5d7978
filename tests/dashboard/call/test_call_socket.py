"""The call page's websocket."""

import os
import signal
import time

import pytest
from asgiref.sync import sync_to_async
from channels.db import database_sync_to_async

from meetings.events import announce
from meetings.models import Job
from meetings.valkey import Inbox
from tests.cast import Cast
from tests.dashboard.calls import say
from tests.services import valkey_process
from tests.waiting import wait_until

pytestmark = pytest.mark.django_db(transaction=True)


async def test_it_requires_access(cast: Cast) -> None:
    path = f"/ws/calls/{cast.code}/"
    assert await cast.let_in_by_socket(path) == {"owner", "teammate"}
    assert await cast.let_in_by_socket("/ws/calls/nothing/") == set()


async def test_it_says_how_things_stand(cast: Cast) -> None:
    await database_sync_to_async(Job.objects.create)(
        meeting=cast.meeting, kind="index", state="running", progress=0.5
    )
    async with cast.owner.socket(f"/ws/calls/{cast.code}/") as (_, socket):
        hello = await socket.receive_json_from(timeout=5)
    assert (hello["type"], hello["lines"], hello["recording"]) == ("hello", "0-0", "")
    assert [job["percent"] for job in hello["jobs"]] == [50]


async def test_it_marks_every_change_of_lines(cast: Cast) -> None:
    from dashboard.call import state

    marks = set()
    for n in range(3):
        assert cast.owner.seat
        await database_sync_to_async(say)(cast.owner.seat, n, "A line")
        marks.add(await database_sync_to_async(state.of_lines)(cast.meeting.pk))
    assert len(marks) == 3


async def test_it_passes_events_on(cast: Cast, inbox: Inbox) -> None:
    async with cast.owner.socket(f"/ws/calls/{cast.code}/") as (_, socket):
        await socket.receive_json_from(timeout=5)
        event = {"type": "lines", "changed": [1], "removed": []}
        await database_sync_to_async(announce)(cast.meeting.pk, event)
        assert await socket.receive_json_from(timeout=5) == event


async def test_it_hears_nothing_of_other_meetings(cast: Cast, inbox: Inbox) -> None:
    assert cast.other_guest.seat
    other = cast.other_guest.seat.meeting_id
    async with cast.owner.socket(f"/ws/calls/{cast.code}/") as (_, socket):
        await socket.receive_json_from(timeout=5)
        tell = database_sync_to_async(announce)
        await tell(other, {"type": "lines", "changed": [1], "removed": []})
        await tell(cast.meeting.pk, {"type": "recording"})
        assert await socket.receive_json_from(timeout=5) == {"type": "recording"}


async def test_it_says_how_things_stand_when_valkey_is_back(
    cast: Cast, inbox: Inbox
) -> None:
    """Killed or frozen: an open page stays open, and misses nothing for good."""
    async with cast.owner.socket(f"/ws/calls/{cast.code}/") as (_, socket):
        await socket.receive_json_from(timeout=5)
        os.kill(valkey_process(), signal.SIGSTOP)
        try:
            await sync_to_async(wait_until)(lambda: not inbox.listening)
            began = time.monotonic()
            lost = {"type": "lines", "changed": [1], "removed": []}
            await database_sync_to_async(announce)(cast.meeting.pk, lost)
            assert time.monotonic() - began < 5
        finally:
            os.kill(valkey_process(), signal.SIGCONT)
        assert (await socket.receive_json_from(timeout=15))["type"] == "hello"


async def test_it_closes_when_the_right_is_lost(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("meetings.sockets.UNTOLD", 0.05)
    async with cast.teammate.socket(f"/ws/calls/{cast.code}/") as (_, socket):
        await socket.receive_json_from(timeout=5)
        assert cast.teammate.user
        await database_sync_to_async(cast.teammate.user.groups.clear)()
        assert await socket.receive_output(timeout=5) == {
            "type": "websocket.close",
            "code": 4404,
        }

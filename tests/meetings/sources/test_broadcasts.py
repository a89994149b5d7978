"""A call is heard by link while its host lets it, and nothing stays behind."""

import os
import time
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from django.utils import timezone

from meetings import services as meetings
from meetings.models import Meeting, Outlet
from meetings.rooms import presence
from meetings.rooms.call_server import CallServer
from meetings.sources import outlets
from meetings.sources.broadcasts import FORSAKEN
from meetings.sources.services import Added
from tests.cast import Cast
from tests.fakes import FakeBrowser
from tests.programs import Add, ask, until

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def listen(settings: Any, tmp_path: Path) -> Path:
    settings.LISTEN_DIR = tmp_path / "listen"
    return tmp_path / "listen"


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """What everybody in the room was told."""
    messages: list[Any] = []
    monkeypatch.setattr(presence, "tell", lambda _, message: messages.append(message))
    return messages


@pytest.fixture
async def speaker(
    cast: Cast, listen: Path, calls_here: CallServer, add: Add, told: list[Any]
) -> AsyncIterator[FakeBrowser]:
    """Somebody who is heard in the call."""
    added: Added = await sync_to_async(add)()
    browser = FakeBrowser(seats=0)
    offer = await browser.offer()
    answer = await ask("POST", f"/whip/{cast.code}/", offer, added.token)
    await browser.accept(answer["body"].decode())
    yield browser
    await browser.close()


async def let_listen(cast: Cast) -> Outlet:
    assert cast.owner.user
    return await sync_to_async(outlets.make)(cast.meeting, cast.owner.user, "hls")


def heard(told: list[Any]) -> bool:
    return bool(next(m["heard"] for m in reversed(told) if m["type"] == "people"))


async def test_a_call_is_heard_by_nobody_unless_the_host_lets_it(
    calls_here: CallServer,
    cast: Cast,
    speaker: FakeBrowser,
    told: list[Any],
    listen: Path,
) -> None:
    await sync_to_async(calls_here.look)(cast.meeting.pk)
    assert not listen.exists() and heard(told) is False


async def test_it_is_heard_until_the_link_is_taken_back(
    cast: Cast, speaker: FakeBrowser, told: list[Any], listen: Path
) -> None:
    outlet = await let_listen(cast)
    assert heard(told) is True
    folder = listen / outlets.token_of(outlet)
    address = outlets.address_of(outlet)
    assert address.endswith(f"/listen/{folder.name}/live.m3u8")
    await until(lambda: (folder / "live.m3u8").exists(), 20)
    assert b".aac" in (folder / "live.m3u8").read_bytes()
    await sync_to_async(outlets.take_back)(outlet)
    assert heard(told) is False
    assert list(listen.iterdir()) == []


async def test_who_comes_later_is_told(
    cast: Cast, speaker: FakeBrowser, calls_here: CallServer
) -> None:
    page = cast.guest.client.get
    address, words = f"/room/{cast.code}/", b"can be heard by link"
    assert words not in (await sync_to_async(page)(address)).content
    await let_listen(cast)
    assert words in (await sync_to_async(page)(address)).content


async def test_it_ends_with_the_call(
    cast: Cast, speaker: FakeBrowser, listen: Path
) -> None:
    await let_listen(cast)
    assert len(list(listen.iterdir())) == 1
    await sync_to_async(meetings.end_meeting)(cast.meeting)
    assert list(listen.iterdir()) == []


async def test_it_ends_when_it_expires(
    cast: Cast,
    speaker: FakeBrowser,
    calls_here: CallServer,
    listen: Path,
    told: list[Any],
) -> None:
    await let_listen(cast)
    await Outlet.objects.aupdate(expires_at=timezone.now() - timedelta(seconds=1))
    await sync_to_async(calls_here.look)(cast.meeting.pk)
    assert list(listen.iterdir()) == [] and heard(told) is False


async def test_a_process_that_stops_leaves_nothing(
    cast: Cast, speaker: FakeBrowser, calls_here: CallServer, listen: Path
) -> None:
    await let_listen(cast)
    await sync_to_async(calls_here.broadcasts.stop)()
    assert list(listen.iterdir()) == []
    await sync_to_async(calls_here.broadcasts.look)(cast.meeting.pk)
    assert list(listen.iterdir()) == []


def test_what_a_killed_process_left_is_swept(
    cast: Cast, listen: Path, calls_here: CallServer
) -> None:
    old, new = listen / "left", listen / "at-work-elsewhere"
    for folder in (old, new):
        folder.mkdir(parents=True)
        (folder / "1.aac").write_bytes(b"sound")
    past = time.time() - FORSAKEN - 1
    os.utime(old, (past, past))
    calls_here.broadcasts.sweep()
    assert [folder.name for folder in listen.iterdir()] == [new.name]


def test_a_meeting_that_was_deleted_has_no_address(cast: Cast) -> None:
    assert cast.owner.user
    outlet = outlets.make(cast.meeting, cast.owner.user, "hls")
    token = outlets.token_of(outlet)
    Meeting.objects.filter(pk=cast.meeting.pk).delete()
    assert outlets.from_token(token) is None

"""The chat of a call: through real sockets and rooms, kept in rows."""

from typing import Any

import pytest
from asgiref.sync import sync_to_async
from django.db import OperationalError

from meetings import services
from meetings.models import ChatMessage, Meeting
from meetings.models.chat import tidy
from meetings.rooms import calls, chat
from tests.cast import Cast
from tests.meetings.rooms import test_call
from tests.meetings.rooms.test_call import Browser, in_call
from tests.meetings.rooms.test_room_socket import close_code

pytestmark = pytest.mark.django_db(transaction=True)

PERSIAN = "\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645"  # spelled with a joiner

call_server_here = test_call.call_server_here
owner, guest = test_call.owner, test_call.guest


async def write(browser: Browser, text: Any, key: Any = "a") -> None:
    await browser.socket.send_json_to({"type": "chat", "text": text, "key": key})


async def hears(browser: Browser, kind: str = "chat") -> Any:
    return await browser.wait_for(lambda message: message["type"] == kind)


async def read(browser: Browser, after: Any = 0) -> list[str]:
    await browser.socket.send_json_to({"type": "read_chat", "after": after})
    answer = await hears(browser, "chat_so_far")
    return [message["text"] for message in answer["messages"]]


async def test_everybody_in_the_call_reads_it_with_name_and_time(
    cast: Cast, owner: Browser, guest: Browser
) -> None:
    assert cast.guest.seat
    await write(guest, "The price list: https://example.com/prices")
    theirs, ours = await hears(owner), await hears(guest)
    assert theirs == ours
    assert theirs["text"] == "The price list: https://example.com/prices"
    assert (theirs["name"], theirs["participant"]) == (
        "Gita Guest",
        cast.guest.seat.pk,
    )
    kept = await ChatMessage.objects.aget()
    assert kept.at_ms == theirs["at_ms"] <= cast.meeting.clock_ms()


async def test_who_comes_later_reads_it_from_its_start(
    cast: Cast, owner: Browser
) -> None:
    for key in "abc":
        await write(owner, f"message {key}", key)
        first = (await hears(owner))["id"] - 2
    async for late in in_call(cast, cast.guest):
        assert await read(late) == ["message a", "message b", "message c"]
        assert await read(late, first) == ["message b", "message c"]


@pytest.mark.parametrize("after", [None, "1", [], -1, 10**30, 1.5])
async def test_who_asks_for_nonsense_reads_it_from_its_start(
    guest: Browser, after: Any
) -> None:
    await write(guest, "Hello")
    await hears(guest)
    assert await read(guest, after) == ["Hello"]


async def test_nobody_reads_a_long_chat_again_and_again(
    monkeypatch: pytest.MonkeyPatch, guest: Browser
) -> None:
    monkeypatch.setattr(chat, "PART", 2)
    for key in "abc":
        await write(guest, key, key)
        await hears(guest)
    for _ in range(chat.READ_BURST + 2):
        await guest.socket.send_json_to({"type": "read_chat", "after": 0})
    await guest.socket.send_json_to({"type": "ping"})
    await hears(guest, "pong")
    parts = [m for m in guest.heard if m["type"] == "chat_so_far"]
    told = [[message["text"] for message in part["messages"]] for part in parts]
    assert told == [["a", "b"], ["c"]] * chat.READ_BURST


async def test_a_message_that_comes_twice_is_kept_and_told_once(
    owner: Browser, guest: Browser
) -> None:
    await write(guest, "Hello", "same")
    first = await hears(guest)
    await write(guest, "Hello", "same")
    assert await hears(guest) == first
    await write(guest, "Goodbye", "other")
    assert [(await hears(owner))["text"] for _ in range(2)] == ["Hello", "Goodbye"]
    assert await ChatMessage.objects.acount() == 2


@pytest.mark.parametrize(
    ("text", "key", "code"),
    [
        ("x" * 2001, "a", "too_long"),
        (" \n\u202e\u200b\x00 ", "a", "empty"),
        (None, "a", "bad_message"),
        ({"a": 1}, "a", "bad_message"),
        ("Hello", None, "bad_message"),
        ("Hello", "a" * 37, "bad_message"),
        ("Hello", "a b", "bad_message"),
    ],
)
async def test_it_says_why_a_message_is_not_kept(
    guest: Browser, text: Any, key: Any, code: str
) -> None:
    await write(guest, text, key)
    answer = await hears(guest, "unsaid")
    assert (answer["code"], answer["key"]) == (code, key)
    assert not await ChatMessage.objects.aexists()


async def test_what_is_written_at_once_is_kept_in_order(guest: Browser) -> None:
    for n in range(4):
        await write(guest, f"line {n}", f"k{n}")
    said = [(await hears(guest))["text"] for n in range(4)]
    assert said == await read(guest) == ["line 0", "line 1", "line 2", "line 3"]


async def test_nobody_writes_faster_than_people_do(guest: Browser) -> None:
    for n in range(chat.BURST):
        await write(guest, "Hello", f"k{n}")
        await hears(guest)
    await write(guest, "Hello", "more")
    assert (await hears(guest, "unsaid"))["code"] == "too_fast"
    await guest.socket.send_json_to({"type": "ping"})
    assert await hears(guest, "pong")


async def test_a_chat_holds_so_many_and_one_person_does_not_fill_it(
    monkeypatch: pytest.MonkeyPatch, owner: Browser, guest: Browser
) -> None:
    monkeypatch.setattr(chat, "MOST", 3)
    monkeypatch.setattr(chat, "MOST_OF_ONE", 2)
    for key in "ab":
        await write(guest, "Mine", key)
        await hears(guest)
    await write(guest, "Mine", "c")
    assert "You have written" in (await hears(guest, "unsaid"))["detail"]
    await write(owner, "Ours", "a")
    await write(owner, "Ours", "b")
    assert "is full" in (await hears(owner, "unsaid"))["detail"]


async def test_a_database_that_is_away_costs_the_message_and_not_the_call(
    monkeypatch: pytest.MonkeyPatch, guest: Browser
) -> None:
    def fails(*words: Any) -> None:
        raise OperationalError("gone")

    with monkeypatch.context() as patch:
        patch.setattr(chat, "of_call", fails)
        await write(guest, "Hello", "again")
        assert (await hears(guest, "unsaid"))["code"] == "not_kept"
    await write(guest, "Hello", "again")
    assert (await hears(guest))["text"] == "Hello"


async def test_who_is_not_in_the_call_neither_reads_nor_writes(
    cast: Cast, owner: Browser
) -> None:
    await write(owner, "Among us")
    await hears(owner)
    async with cast.guest.socket(f"/ws/room/{cast.code}/") as (_, socket):
        await socket.receive_json_from(timeout=5)  # hello
        outside = Browser(socket)
        await outside.socket.send_json_to({"type": "read_chat", "after": 0})
        await write(outside, "Let me in")
        await hears(outside, "unsaid")
        kinds = {message["type"] for message in outside.heard}
        assert "chat_so_far" not in kinds
    assert await ChatMessage.objects.acount() == 1


async def test_a_process_that_lost_the_room_keeps_no_message(
    cast: Cast, guest: Browser
) -> None:
    await Meeting.objects.filter(pk=cast.meeting.pk).aupdate(epoch=99)
    await write(guest, "From the past")
    code = await close_code(guest.socket)
    assert code == 4503
    assert not await ChatMessage.objects.aexists()


async def test_nothing_is_written_after_the_end(
    monkeypatch: pytest.MonkeyPatch, cast: Cast, guest: Browser
) -> None:
    """Also by a process that has not let go of the room yet."""
    assert cast.guest.seat
    lease = calls.lease_of(cast.meeting.pk)
    await sync_to_async(services.end_meeting)(cast.meeting)
    monkeypatch.setattr(calls, "lease_of", lambda meeting: lease)
    with pytest.raises(chat.Unsaid):
        await sync_to_async(chat.say)(cast.guest.seat, "Late", "late")


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("one\r\ntwo\n\n\n\nthree  \n", "one\ntwo\n\nthree"),
        ("\u202eevil\u202c and\u0000 more", "evil and more"),
        ("<b>bold</b> & \u2028next", "<b>bold</b> &\nnext"),
        (PERSIAN, PERSIAN),
    ],
)
def test_it_keeps_what_can_be_seen(written: str, kept: str) -> None:
    assert tidy(written) == kept

import json
from datetime import timedelta
from typing import Any

import pytest

from meetings.models import Meeting, Participant
from meetings.sockets import FULL, REVOKED
from tests.cast import Cast, Visitor
from transcription.live import hub, live_captions
from transcription.models import Utterance
from transcription.serving import server

pytestmark = pytest.mark.django_db(transaction=True)


async def test_it_requires_a_seat_or_the_right_to_see(cast: Cast) -> None:
    path = f"/ws/captions/{cast.code}/"
    assert await cast.let_in_by_socket(path) == {"owner", "teammate", "guest"}


async def guest_is(cast: Cast, **facts: Any) -> None:
    assert cast.guest.seat
    await Participant.objects.filter(pk=cast.guest.seat.pk).aupdate(**facts)


async def lines_for(visitor: Visitor, code: str, count: int) -> list[str]:
    async with visitor.socket(f"/ws/captions/{code}/") as (_, socket):
        await socket.receive_from()
        lines = [json.loads(await socket.receive_from()) for _ in range(count)]
        assert await socket.receive_nothing(0.1)
    return [line["stable"] for line in lines]


async def test_a_guest_reads_what_was_said_since_they_came(cast: Cast) -> None:
    zero = cast.meeting.started_at
    assert zero and cast.owner.seat
    await guest_is(cast, entered_at=zero + timedelta(seconds=30))
    for at, text in ((29_000, "About the guest."), (31_000, "Good morning.")):
        await Utterance.objects.acreate(
            meeting=cast.meeting,
            participant=cast.owner.seat,
            start_ms=at,
            end_ms=at + 500,
            text=text,
        )
    assert await lines_for(cast.guest, cast.code, 1) == ["Good morning."]
    assert len(await lines_for(cast.owner, cast.code, 2)) == 2
    live_captions.current().hubs.close(cast.meeting.pk)


async def test_a_guest_is_not_told_who_left_before_they_came(cast: Cast) -> None:
    zero = cast.meeting.started_at
    assert zero and cast.owner.seat
    await guest_is(cast, entered_at=zero + timedelta(seconds=30))
    await Participant.objects.filter(pk=cast.owner.seat.pk).aupdate(left_at=zero)
    async with cast.guest.socket(f"/ws/captions/{cast.code}/") as (_, socket):
        hello = json.loads(await socket.receive_from())
    assert [person["name"] for person in hello["people"]] == ["Gita Guest"]
    live_captions.current().hubs.close(cast.meeting.pk)


@pytest.mark.parametrize("field", ["entered_at", "left_at"])
async def test_a_guest_reads_only_while_in_the_room(cast: Cast, field: str) -> None:
    value = None if field == "entered_at" else cast.meeting.started_at
    await guest_is(cast, **{field: value})
    path = f"/ws/captions/{cast.code}/"
    assert await cast.let_in_by_socket(path) == {"owner", "teammate"}
    live_captions.current().hubs.close(cast.meeting.pk)


async def test_a_guest_who_leaves_reads_no_further(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("meetings.sockets.UNTOLD", 0.05)
    async with cast.guest.socket(f"/ws/captions/{cast.code}/") as (_, socket):
        await socket.receive_from()
        await guest_is(cast, left_at=cast.meeting.started_at)
        closed = await socket.receive_output(timeout=3)
    assert closed["code"] == REVOKED
    live_captions.current().hubs.close(cast.meeting.pk)


async def test_guests_read_nothing_after_the_end(cast: Cast) -> None:
    await Meeting.objects.filter(pk=cast.meeting.pk).aupdate(state="ended")
    path = f"/ws/captions/{cast.code}/"
    assert await cast.let_in_by_socket(path) == {"owner", "teammate"}


async def test_one_reader_too_many_is_sent_away(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hub, "MOST_VIEWERS", 1)
    path = f"/ws/captions/{cast.code}/"
    async with cast.owner.socket(path) as (_, first), cast.guest.socket(path) as (_, s):
        await first.receive_from()
        assert (await s.receive_output(timeout=3))["code"] == FULL
    live_captions.current().hubs.close(cast.meeting.pk)


async def test_it_greets_and_sends_the_lines_so_far(cast: Cast) -> None:
    seat = cast.owner.seat
    assert seat is not None
    await Utterance.objects.acreate(
        meeting=cast.meeting,
        participant=seat,
        start_ms=1000,
        end_ms=2000,
        text="Good morning.",
        caption_id="abc",
    )
    async with cast.guest.socket(f"/ws/captions/{cast.code}/") as (_, socket):
        hello = json.loads(await socket.receive_from())
        line = json.loads(await socket.receive_from())
    assert hello["type"] == "hello"
    assert seat.name in [person["name"] for person in hello["people"]]
    assert (line["name"], line["stable"], line["final"]) == (
        seat.name,
        "Good morning.",
        True,
    )
    live_captions.current().hubs.close(cast.meeting.pk)


async def test_it_says_that_there_is_no_model(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = server.Serving(wanted="small", fetched=0.52)
    monkeypatch.setattr(server.here(), "_now", now)
    async with cast.guest.socket(f"/ws/captions/{cast.code}/") as (_, socket):
        hello = json.loads(await socket.receive_from())
    assert hello["note"].startswith("There are no captions: small is being fetched")
    live_captions.current().hubs.close(cast.meeting.pk)


async def test_a_revoked_guest_reads_no_further(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("meetings.sockets.UNTOLD", 0.05)
    link = cast.guest.link
    assert link is not None
    async with cast.guest.socket(f"/ws/captions/{cast.code}/") as (_, socket):
        await socket.receive_from()
        link.revoked_at = link.created_at
        await link.asave()
        closed = await socket.receive_output(timeout=3)
    assert closed["code"] == REVOKED
    live_captions.current().hubs.close(cast.meeting.pk)

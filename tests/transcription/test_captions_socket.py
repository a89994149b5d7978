import json

import pytest

from meetings.sockets import REVOKED
from tests.cast import Cast
from transcription import live, serving
from transcription.models import Utterance

pytestmark = pytest.mark.django_db(transaction=True)


async def test_it_requires_a_seat_or_the_right_to_see(cast: Cast) -> None:
    path = f"/ws/captions/{cast.code}/"
    assert await cast.let_in_by_socket(path) == {"owner", "teammate", "guest"}


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
    live.current().hubs.close(cast.meeting.pk)


async def test_it_says_that_there_is_no_model(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = serving.Serving(wanted="small", fetched=0.52)
    monkeypatch.setattr(serving, "_now", now)
    async with cast.guest.socket(f"/ws/captions/{cast.code}/") as (_, socket):
        hello = json.loads(await socket.receive_from())
    assert hello["note"].startswith("There are no captions: small is being fetched")
    live.current().hubs.close(cast.meeting.pk)


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
    live.current().hubs.close(cast.meeting.pk)

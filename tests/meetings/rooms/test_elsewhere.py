"""Whom another process answers, as seen by the one that they came to."""

from collections.abc import Iterator
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from redis.exceptions import RedisError

from meetings import sockets
from meetings.rooms import elsewhere
from meetings.rooms.elsewhere import Others, Relayed
from meetings.rooms.leases import Leases
from meetings.rooms.relay import Relay
from meetings.valkey import Inbox
from tests.cast import Cast


class ScriptedRelay(Relay):
    """Carries nothing, and remembers what it was to carry."""

    def __init__(self) -> None:
        super().__init__("here", None)
        self.to: list[str] = []

    async def carry(self, peer: str, *words: Any) -> None:
        self.to.append(peer)


@pytest.fixture
def others(monkeypatch: pytest.MonkeyPatch) -> Iterator[Others]:
    """What a process knows that hears of others."""
    monkeypatch.setattr(sockets, "hears", lambda: True)
    known = Others(Leases("here", print), ScriptedRelay())
    elsewhere.serve(known)
    yield known
    elsewhere.serve(None)


@pytest.fixture
def holder(cast: Cast) -> Iterator[str]:
    """Channel of another process, which holds the cast's call."""
    leases = Leases("there", print)
    leases.take(cast.meeting.pk)
    relay = Relay(leases.incarnation, None)
    inbox = Inbox({relay.channel: relay.take})
    inbox.start()
    assert inbox.wait(5)
    yield relay.channel
    inbox.stop()
    leases.release(cast.meeting.pk)


async def ask(others: Others, path: str, **more: Any) -> list[str]:
    """Who answers: "here", or the channels of others."""
    answered = []

    async def app(*words: Any) -> None:
        answered.append("here")

    await Relayed(app)({"type": "websocket", "path": path, **more}, None, None)
    relay: Any = others.relay
    return [*answered, *relay.to]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    "path", ["/ws/room/{}/", "/ws/captions/{}/", "/whip/{}/", "/whep/{}/7/"]
)
async def test_it_hands_on_what_is_held_elsewhere(
    others: Others, cast: Cast, holder: str, path: str
) -> None:
    assert await ask(others, path.format(cast.code)) == [holder]


@pytest.mark.django_db(transaction=True)
async def test_it_answers_the_rest_itself(
    others: Others, cast: Cast, holder: str
) -> None:
    for path in (f"/ws/calls/{cast.code}/", "/livez", "/ws/room/nowhere/"):
        assert await ask(others, path) == ["here"]
    ours = f"/ws/room/{cast.code}/"
    assert await ask(others, ours, relayed=True) == ["here"]  # never twice


@pytest.mark.django_db(transaction=True)
async def test_a_lease_of_who_does_not_listen_leads_nowhere(
    others: Others, cast: Cast
) -> None:
    """Its process is dead: the lease ends by itself."""
    await sync_to_async(Leases("there", print).take)(cast.meeting.pk)
    assert await ask(others, f"/ws/room/{cast.code}/") == ["here"]


@pytest.mark.django_db(transaction=True)
async def test_it_answers_itself_while_valkey_is_away(
    others: Others, cast: Cast, holder: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(meeting_id: int) -> None:
        raise RedisError("away")

    monkeypatch.setattr(elsewhere, "process_of", away)
    assert await ask(others, f"/ws/room/{cast.code}/") == ["here"]
    others.look()  # nor does that fail


@pytest.mark.django_db(transaction=True)
async def test_sockets_follow_their_room(
    others: Others, cast: Cast, holder: str
) -> None:
    """Also when the word that it was taken was lost; the review page stays."""
    async with (
        cast.owner.socket(f"/ws/room/{cast.code}/") as (_, room),
        cast.owner.socket(f"/ws/captions/{cast.code}/") as (_, captions),
        cast.owner.socket(f"/ws/calls/{cast.code}/") as (_, review),
    ):
        for socket in (room, captions, review):
            await socket.receive_json_from(5)
        assert sockets.bound() == {cast.meeting.pk}
        others.hear({"meeting": cast.meeting.pk, "node": "here"})
        assert await room.receive_nothing(0.2)
        await sync_to_async(others.look)()
        for socket in (room, captions):
            closed = await socket.receive_output(5)
            assert closed["code"] == sockets.TRY_AGAIN
        assert await review.receive_nothing(0.2)

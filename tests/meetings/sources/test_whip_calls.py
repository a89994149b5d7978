"""A program publishes into a call by WHIP: the room, the rows and who may."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from django.utils import timezone

from meetings import access
from meetings import services as meetings
from meetings.models import (
    ConsentChoice,
    Meeting,
    Outlet,
    Participant,
    Source,
    Track,
)
from meetings.models.participant import SOUND_TEXT, VIDEO_TEXT
from meetings.rooms import call_server, presence
from meetings.rooms.call_server import CallServer
from meetings.sources import outlets, services, streams
from tests.cast import Cast
from tests.fakes import FakeBrowser, FakePlayer
from tests.programs import Add, ask, state_of, until

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
async def encoder() -> AsyncIterator[FakeBrowser]:
    browser = FakeBrowser(seats=0)
    yield browser
    await browser.close()


async def publish(cast: Cast, added: services.Added, encoder: FakeBrowser) -> str:
    """Returns the address of the session."""
    offer = await encoder.offer()
    answer = await ask("POST", f"/whip/{cast.code}/", offer, added.token)
    assert answer["status"] == 201, answer
    await encoder.accept(answer["body"].decode())
    return str(answer["headers"]["location"])


async def test_a_source_is_recorded_as_a_person_is(
    cast: Cast, calls_here: CallServer, add: Add, encoder: FakeBrowser
) -> None:
    added = await sync_to_async(add)()
    address = await publish(cast, added, encoder)
    await until(lambda: state_of(added.source)[0] == "publishing")
    assert added.source.expires_at is None
    (entry,) = calls_here.rooms._calls[cast.meeting.pk].people.values()
    assert (entry.name, entry.source, entry.recorded) == ("OBS", "whip", True)
    person = added.source.participant_id
    await until(lambda: Track.objects.filter(participant_id=person).exists())

    assert (await ask("DELETE", address))["status"] == 200
    assert (await ask("DELETE", address))["status"] == 404
    await until(lambda: state_of(added.source)[0] == "complete")
    await until(lambda: Track.objects.filter(state="closed").exists())
    came_and_left = Participant.objects.filter(
        pk=person, entered_at__isnull=False, left_at__isnull=False
    )
    await until(came_and_left.exists)


@pytest.mark.parametrize("told", [True, False])
async def test_its_picture_is_recorded_if_who_added_it_was_told(
    cast: Cast, calls_here: CallServer, add: Add, settings: Any, told: bool
) -> None:
    settings.RECORD_VIDEO = True
    await Meeting.objects.filter(pk=cast.meeting.pk).aupdate(record_video=True)
    added = await sync_to_async(add)(text=VIDEO_TEXT if told else SOUND_TEXT)
    studio = FakeBrowser(seats=0, camera=True)
    await publish(cast, added, studio)
    rows = Track.objects.filter(participant=added.source.participant_id)
    await until(lambda: rows.filter(source="microphone").exists())
    if told:
        await until(lambda: rows.filter(source="camera").exists())
    (entry,) = calls_here.rooms._calls[cast.meeting.pk].people.values()
    assert entry.video is told
    await studio.close()
    await sync_to_async(meetings.end_meeting)(cast.meeting)
    assert await rows.filter(source="camera").aexists() is told


async def test_consent_is_stated_by_who_adds_it(cast: Cast, add: Add) -> None:
    added = await sync_to_async(add)(address="192.0.2.7")
    choice = await ConsentChoice.objects.aget(participant=added.source.participant)
    assert (choice.choice, choice.way) == ("recorded", "source")


async def test_the_first_source_starts_the_clock(
    cast: Cast, calls_here: CallServer, add: Add, encoder: FakeBrowser
) -> None:
    meetings_ = Meeting.objects.filter(pk=cast.meeting.pk)
    await meetings_.aupdate(state="open", started_at=None)
    added = await sync_to_async(add)()
    await publish(cast, added, encoder)
    assert (await meetings_.aget()).is_live


async def test_a_source_that_is_stopped_is_out_at_once_and_may_start_again(
    cast: Cast, calls_here: CallServer, add: Add, encoder: FakeBrowser
) -> None:
    added = await sync_to_async(add)()
    address = await publish(cast, added, encoder)
    await until(lambda: state_of(added.source)[0] == "publishing")
    await sync_to_async(services.stop)(added.source)
    assert calls_here.rooms.head_counts() == {cast.meeting.pk: 0}
    assert (await ask("DELETE", address))["status"] == 404
    refused = await ask("POST", f"/whip/{cast.code}/", "v=0", added.token)
    assert refused["status"] == 403
    await sync_to_async(services.start)(added.source)
    again = FakeBrowser(seats=0)
    await publish(cast, added, again)
    await again.close()


async def test_a_source_that_is_removed_is_out_and_its_sound_is_kept(
    cast: Cast, calls_here: CallServer, add: Add, encoder: FakeBrowser
) -> None:
    added = await sync_to_async(add)()
    person = added.source.participant_id
    await publish(cast, added, encoder)
    await until(lambda: Track.objects.filter(participant_id=person).exists())
    await sync_to_async(services.remove)(added.source)
    assert calls_here.rooms.head_counts() == {cast.meeting.pk: 0}
    answer = await ask("POST", f"/whip/{cast.code}/", "v=0", added.token)
    assert answer["status"] == 401
    assert await Participant.objects.filter(pk=person).aexists()


async def test_the_host_removes_a_source_like_a_person(
    cast: Cast, calls_here: CallServer, add: Add, encoder: FakeBrowser
) -> None:
    added = await sync_to_async(add)()
    await publish(cast, added, encoder)
    await sync_to_async(meetings.remove)(added.source.participant)
    assert calls_here.rooms.head_counts() == {cast.meeting.pk: 0}
    answer = await ask("POST", f"/whip/{cast.code}/", "v=0", added.token)
    assert answer["status"] == 403
    assert cast.guest.link
    link = await type(cast.guest.link).objects.aget(pk=cast.guest.link.pk)
    assert link.is_usable


async def test_the_end_of_the_call_ends_it(
    cast: Cast, calls_here: CallServer, add: Add, encoder: FakeBrowser
) -> None:
    added = await sync_to_async(add)()
    address = await publish(cast, added, encoder)
    await until(lambda: state_of(added.source)[0] == "publishing")
    await sync_to_async(meetings.end_meeting)(cast.meeting)
    assert (await ask("DELETE", address))["status"] == 404
    answer = await ask("POST", f"/whip/{cast.code}/", "v=0", added.token)
    assert (answer["status"], b"over" in answer["body"]) == (403, True)


async def test_two_that_come_at_once_are_one_person(
    cast: Cast, calls_here: CallServer, add: Add, encoder: FakeBrowser
) -> None:
    added = await sync_to_async(add)()
    other = FakeBrowser(seats=0)
    addresses = await asyncio.gather(
        publish(cast, added, encoder), publish(cast, added, other)
    )
    await until(lambda: state_of(added.source)[0] == "publishing")
    assert calls_here.rooms.head_counts() == {cast.meeting.pk: 1}
    ends = [(await ask("DELETE", address))["status"] for address in addresses]
    assert sorted(ends) == [200, 404]
    await until(lambda: state_of(added.source)[0] == "complete")
    await other.close()


def test_what_a_killed_process_carried_is_carried_no_more(
    cast: Cast, redis: str, add: Add
) -> None:
    killed, over = add().source, add().source
    rows = Source.objects.filter(pk=killed.pk)
    rows.update(state="publishing", reason="", expires_at=None)
    Source.objects.filter(pk=over.pk).update(state="error", reason="It is away.")
    call_server.start("here")
    call_server.stop()
    call_server.let_go()
    assert state_of(killed) == ("inactive", "")
    assert state_of(over) == ("error", "It is away.")


async def test_who_is_stopped_while_coming_in_does_not_stay(
    cast: Cast,
    calls_here: CallServer,
    add: Add,
    encoder: FakeBrowser,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    added = await sync_to_async(add)()
    join = calls_here.rooms.join

    async def stopped_meanwhile(*words: Any) -> Any:
        answer = await join(*words)
        await Source.objects.filter(pk=added.source.pk).aupdate(wanted=False)
        return answer

    monkeypatch.setattr(calls_here.rooms, "join", stopped_meanwhile)
    offer = await encoder.offer()
    answer = await ask("POST", f"/whip/{cast.code}/", offer, added.token)
    assert answer["status"] == 403
    assert calls_here.rooms.head_counts() == {cast.meeting.pk: 0}


async def test_a_token_is_for_its_call_alone(
    cast: Cast, calls_here: CallServer, add: Add
) -> None:
    added = await sync_to_async(add)()
    other = await Meeting.objects.exclude(pk=cast.meeting.pk).aget()
    for path in (f"/whip/{other.code}/", "/whip/nowhere/"):
        assert (await ask("POST", path, "v=0", added.token))["status"] == 401
    longer = f"/whip/{cast.code}/x/y/"
    assert (await ask("POST", longer, "v=0", added.token))["status"] == 404


async def test_an_address_that_nobody_used_expires(
    cast: Cast, calls_here: CallServer, add: Add
) -> None:
    added = await sync_to_async(add)()
    past = timezone.now() - timedelta(seconds=1)
    await Source.objects.filter(pk=added.source.pk).aupdate(expires_at=past)
    answer = await ask("POST", f"/whip/{cast.code}/", "v=0", added.token)
    assert answer["status"] == 403
    assert await sync_to_async(services.sweep)() == 1
    assert not await Participant.objects.filter(name="OBS").aexists()


async def test_a_used_source_is_not_swept(cast: Cast, add: Add) -> None:
    added = await sync_to_async(add)()
    await Source.objects.filter(pk=added.source.pk).aupdate(expires_at=None)
    assert await sync_to_async(services.sweep)() == 0


async def test_the_token_is_not_kept(cast: Cast, add: Add) -> None:
    added = await sync_to_async(add)()
    row = await Source.objects.filter(pk=added.source.pk).values().aget()
    assert added.token not in str(row)
    assert row["token_digest"] == services.digest_of(added.token)


async def test_a_thousand_requests_without_a_token_ask_nothing_of_the_database(
    cast: Cast, calls_here: CallServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    monkeypatch.setattr(
        "meetings.sources.streams.by_token", lambda *words: asked.append("database")
    )
    path = f"/whip/{cast.code}/"
    answers = [await ask("POST", path, "v=0") for _ in range(1000)]
    statuses = [answer["status"] for answer in answers]
    assert set(statuses) == {401, 429}
    assert streams.BURST <= statuses.count(401) < streams.BURST + 60
    assert asked == []


async def test_without_calls_here_it_says_so(cast: Cast) -> None:
    answer = await ask("POST", f"/whip/{cast.code}/", "v=0", "x")
    assert answer["status"] == 503
    assert answer["headers"]["access-control-allow-origin"] == "*"


# -- WHEP


@pytest.fixture
async def player() -> AsyncIterator[FakePlayer]:
    one = FakePlayer("audio", "video")
    yield one
    await one.close()


async def test_a_guest_link_plays_the_call(
    cast: Cast,
    calls_here: CallServer,
    add: Add,
    encoder: FakeBrowser,
    player: FakePlayer,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    told: list[Any] = []
    monkeypatch.setattr(presence, "tell", lambda _, message: told.append(message))
    added = await sync_to_async(add)()
    await publish(cast, added, encoder)
    assert cast.guest.link
    token = access.token_for(cast.guest.link)
    path = f"/whep/{cast.code}/{added.source.participant_id}/"
    answer = await ask("POST", path, await player.offer(), token)
    assert answer["status"] == 201
    await player.accept(answer["body"].decode())
    await until(lambda: len(player.received["audio"]) > 20)
    room = calls_here.media.room(str(cast.meeting.pk))
    assert room and len(room.viewers) == 1
    assert told[-1]["players"] == 1

    await sync_to_async(meetings.revoke_links)(cast.meeting.guest_links.all())
    assert len(room.viewers) == 0
    await until(lambda: told[-1]["players"] == 0)
    again = await ask("POST", path, "v=0", token)
    assert again["status"] == 401


async def test_an_address_plays_the_call_until_it_is_taken_back(
    cast: Cast,
    calls_here: CallServer,
    add: Add,
    encoder: FakeBrowser,
    player: FakePlayer,
) -> None:
    added = await sync_to_async(add)()
    await publish(cast, added, encoder)
    assert cast.owner.user
    outlet = await sync_to_async(outlets.make)(cast.meeting, cast.owner.user, "whep")
    token, path = outlets.token_of(outlet), f"/whep/{cast.code}/"
    answer = await ask("POST", path, await player.offer(), token)
    assert answer["status"] == 201
    await player.accept(answer["body"].decode())
    await until(lambda: len(player.received["audio"]) > 20)
    await sync_to_async(calls_here.streams.look)(cast.meeting.pk)
    assert (await Outlet.objects.aget()).playing == 1

    other = f"/whep/{await other_code(cast)}/"
    assert (await ask("POST", other, "v=0", token))["status"] == 401
    await sync_to_async(outlets.take_back)(outlet)
    room = calls_here.media.room(str(cast.meeting.pk))
    assert room and len(room.viewers) == 0
    assert (await ask("POST", path, "v=0", token))["status"] == 401


async def test_who_stops_playing_is_not_counted(
    cast: Cast,
    calls_here: CallServer,
    add: Add,
    encoder: FakeBrowser,
    player: FakePlayer,
) -> None:
    added = await sync_to_async(add)()
    await publish(cast, added, encoder)
    assert cast.owner.user
    outlet = await sync_to_async(outlets.make)(cast.meeting, cast.owner.user, "whep")
    token = outlets.token_of(outlet)
    offer = await player.offer()
    answer = await ask("POST", f"/whep/{cast.code}/", offer, token)
    await player.accept(answer["body"].decode())
    await sync_to_async(calls_here.streams.look)(cast.meeting.pk)
    assert (await Outlet.objects.aget()).playing == 1
    await ask("DELETE", str(answer["headers"]["location"]))
    room = calls_here.media.room(str(cast.meeting.pk))
    assert room
    await until(lambda: len(room.viewers) == 0)
    await sync_to_async(calls_here.streams.look)(cast.meeting.pk)
    assert (await Outlet.objects.aget()).playing == 0


async def other_code(cast: Cast) -> str:
    assert cast.other_guest.link
    meetings_ = Meeting.objects.filter(guest_links=cast.other_guest.link)
    return (await meetings_.aget()).code


async def test_a_link_of_another_call_plays_nothing(
    cast: Cast, calls_here: CallServer
) -> None:
    assert cast.other_guest.link
    token = access.token_for(cast.other_guest.link)
    answer = await ask("POST", f"/whep/{cast.code}/", "v=0", token)
    assert answer["status"] == 401


async def test_where_nobody_is_there_is_nothing_to_play(
    cast: Cast, calls_here: CallServer, player: FakePlayer
) -> None:
    assert cast.guest.link
    token = access.token_for(cast.guest.link)
    offer = await player.offer()
    answer = await ask("POST", f"/whep/{cast.code}/", offer, token)
    assert answer["status"] == 404

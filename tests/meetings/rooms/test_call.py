"""A call through the real socket, room and rows; the browsers are aiortc's peers."""

import asyncio
import fractions
from collections.abc import AsyncIterator, Iterator
from typing import Any

import av
import numpy as np
import pytest
from aiortc import RTCConfiguration, RTCPeerConnection, RTCSessionDescription
from aiortc.mediastreams import MediaStreamTrack
from asgiref.sync import sync_to_async
from django.utils import timezone

from meetings import services, taps
from meetings.media.pcm import PCMChunk
from meetings.models import Meeting, Participant, Track
from meetings.rooms import call_server, calls
from meetings.sockets import REVOKED
from tests.cast import Cast, Visitor
from tests.meetings.rooms.test_room_socket import close_code

pytestmark = pytest.mark.django_db(transaction=True)


class Tone(MediaStreamTrack):
    """440 Hz at 48 kHz, 20 ms at a time, in real time."""

    kind = "audio"
    position = 0

    async def recv(self) -> av.AudioFrame:
        await asyncio.sleep(0.02)
        t = (self.position + np.arange(960)) / 48_000
        samples = (8000 * np.sin(2 * np.pi * 440 * t)).astype(np.int16)
        frame = av.AudioFrame.from_ndarray(samples[None], format="s16", layout="mono")
        frame.sample_rate, frame.pts = 48_000, self.position
        frame.time_base = fractions.Fraction(1, 48_000)
        self.position += 960
        return frame


class Browser:
    """A peer that sends a tone and has one seat, on the socket of a visitor."""

    def __init__(self, socket: Any) -> None:
        self.socket = socket
        self.peer = RTCPeerConnection(RTCConfiguration(iceServers=[]))
        self.heard: list[Any] = []

    async def join(self) -> None:
        await self.offer()
        answer = await self.wait_for(lambda m: m["type"] == "answer")
        description = RTCSessionDescription(answer["sdp"], "answer")
        await self.peer.setRemoteDescription(description)

    async def offer(self) -> None:
        self.peer.addTransceiver(Tone(), direction="sendonly")
        self.peer.addTransceiver("video", direction="sendonly")
        for kind in ("audio", "video"):
            self.peer.addTransceiver(kind, direction="recvonly")
        await self.peer.setLocalDescription(await self.peer.createOffer())
        sdp = self.peer.localDescription.sdp
        await self.socket.send_json_to({"type": "join", "sdp": sdp})

    async def wait_for(self, wanted: Any) -> Any:
        while True:
            message = await self.socket.receive_json_from(timeout=10)
            self.heard.append(message)
            if wanted(message):
                return message

    async def wait_for_people(self, wanted: Any) -> Any:
        message = await self.wait_for(
            lambda m: m["type"] == "people" and wanted(m["people"])
        )
        return message["people"]


@pytest.fixture
def call_server_here(redis: str) -> Iterator[None]:
    call_server.start("here")
    yield
    call_server.stop()
    call_server.let_go()


@pytest.fixture
def sound() -> Iterator[dict[int, int]]:
    """Samples that reached the tap, by participant."""
    heard: dict[int, int] = {}

    def listen(participant: int, chunk: PCMChunk) -> None:
        heard[participant] = heard.get(participant, 0) + len(chunk.samples)

    taps.audio.attach(listen)
    yield heard
    taps.audio.detach(listen)


async def in_call(cast: Cast, visitor: Visitor) -> AsyncIterator[Browser]:
    async with visitor.socket(f"/ws/room/{cast.code}/") as (_, socket):
        browser = Browser(socket)
        try:
            await browser.join()
            yield browser
        finally:
            await browser.peer.close()


@pytest.fixture
async def owner(call_server_here: None, cast: Cast) -> AsyncIterator[Browser]:
    async for browser in in_call(cast, cast.owner):
        yield browser


@pytest.fixture
async def guest(call_server_here: None, cast: Cast) -> AsyncIterator[Browser]:
    async for browser in in_call(cast, cast.guest):
        yield browser


async def ask_for_the_screen(browser: Browser, instead_of: int | None = None) -> Any:
    await browser.socket.send_json_to({"type": "share", "instead_of": instead_of})
    answer = await browser.wait_for(lambda m: m["type"] == "sharing")
    return answer["participant"]


async def test_a_room_has_one_screen(
    cast: Cast, owner: Browser, guest: Browser
) -> None:
    assert cast.owner.seat and cast.guest.seat
    mine, theirs = cast.owner.seat.pk, cast.guest.seat.pk
    assert await ask_for_the_screen(owner) == mine
    assert await ask_for_the_screen(guest) == mine
    assert await ask_for_the_screen(guest, instead_of=mine) == theirs
    await owner.wait_for(lambda m: m["type"] == "people" and m["sharing"] == theirs)
    await guest.socket.send_json_to({"type": "unshare"})
    await owner.wait_for(lambda m: m["type"] == "people" and m["sharing"] is None)


@pytest.mark.parametrize("instead_of", [None, 7, "7", [], True])
async def test_who_is_in_no_call_gets_no_screen(
    cast: Cast, call_server_here: None, instead_of: Any
) -> None:
    async with cast.guest.socket(f"/ws/room/{cast.code}/") as (_, socket):
        await socket.receive_json_from(timeout=5)
        await socket.send_json_to({"type": "unshare"})
        await socket.send_json_to({"type": "share", "instead_of": instead_of})
        assert await socket.receive_json_from(timeout=5) == {
            "type": "sharing",
            "participant": None,
        }


async def end(cast: Cast) -> Meeting:
    await sync_to_async(services.end_meeting)(cast.meeting)
    return await Meeting.objects.aget(pk=cast.meeting.pk)


async def test_it_records_who_agreed_and_closes_the_files(
    cast: Cast, owner: Browser, sound: dict[int, int]
) -> None:
    assert cast.owner.seat
    await owner.wait_for_people(lambda people: people[0]["recording"])
    await asyncio.sleep(1.5)
    meeting = await end(cast)
    assert meeting.is_over and meeting.duration_ms > 1500
    track = await Track.objects.aget(participant=cast.owner.seat)
    assert track.state == "closed"
    assert 1000 < track.duration_ms <= meeting.duration_ms
    assert sound[cast.owner.seat.pk] >= 16_000
    assert await owner.wait_for(lambda m: m["type"] == "ended")


async def test_it_keeps_nothing_of_who_did_not_agree(
    cast: Cast, call_server_here: None, sound: dict[int, int]
) -> None:
    assert cast.guest.seat
    await (
        type(cast.guest.seat)
        .objects.filter(pk=cast.guest.seat.pk)
        .aupdate(consent="unrecorded")
    )
    async for browser in in_call(cast, cast.guest):
        people = await browser.wait_for_people(lambda p: p[0]["state"] == "live")
        assert not people[0]["recorded"]
        await asyncio.sleep(1)
        await end(cast)
    assert cast.guest.seat.pk not in sound
    assert not await Track.objects.filter(participant=cast.guest.seat).aexists()


async def test_it_follows_a_changed_mind_at_once(
    cast: Cast, guest: Browser, sound: dict[int, int]
) -> None:
    seat = cast.guest.seat
    assert seat
    await guest.wait_for_people(lambda people: people[0]["recording"])
    await sync_to_async(services.change_consent)(seat, "unrecorded", "192.0.2.7")
    people = await guest.wait_for_people(lambda people: not people[0]["recorded"])
    assert not people[0]["recording"]
    before = sound.get(seat.pk, 0)
    await asyncio.sleep(0.5)
    assert sound.get(seat.pk, 0) == before
    await sync_to_async(services.change_consent)(seat, "recorded", "192.0.2.7")
    await guest.wait_for_people(lambda people: people[0]["recording"])
    await end(cast)
    assert await Track.objects.filter(participant=seat, state="closed").acount() == 2


async def test_it_shows_everybody_the_same_people(
    owner: Browser, guest: Browser
) -> None:
    both = await owner.wait_for_people(lambda people: len(people) == 2)
    assert [person["name"] for person in both] == ["Olga Owner", "Gita Guest"]
    await guest.socket.send_json_to({"type": "muted", "muted": True})
    people = await owner.wait_for_people(lambda people: people[1]["muted"])
    assert not people[0]["muted"]


async def test_it_removes_who_leaves(
    cast: Cast, owner: Browser, guest: Browser
) -> None:
    await owner.wait_for_people(lambda people: len(people) == 2)
    await guest.socket.send_json_to({"type": "leave"})
    await owner.wait_for_people(lambda people: len(people) == 1)


async def test_it_keeps_when_a_person_first_came_in(
    cast: Cast, call_server_here: None
) -> None:
    assert cast.guest.seat
    seats = Participant.objects.filter(pk=cast.guest.seat.pk)
    await seats.aupdate(entered_at=None, left_at=timezone.now())
    times = []
    for _ in range(2):
        async for _ in in_call(cast, cast.guest):
            seat = await seats.aget()
            assert seat.left_at is None
            times.append(seat.entered_at)
    assert times[0] and times[0] == times[1]


async def test_it_puts_a_removed_person_out(
    cast: Cast, owner: Browser, guest: Browser
) -> None:
    assert cast.guest.seat
    await owner.wait_for_people(lambda people: len(people) == 2)
    await sync_to_async(services.remove)(cast.guest.seat)
    people = await owner.wait_for_people(lambda people: len(people) == 1)
    assert people[0]["name"] == "Olga Owner"


async def test_who_is_removed_while_coming_in_does_not_stay(
    cast: Cast, call_server_here: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = calls.open_here()
    join = here.join

    async def removed_meanwhile(row: Participant, sdp: str) -> Any:
        answer = await join(row, sdp)
        await Participant.objects.filter(pk=row.pk).aupdate(removed_at=timezone.now())
        return answer

    monkeypatch.setattr(here, "join", removed_meanwhile)
    async with cast.guest.socket(f"/ws/room/{cast.code}/") as (_, socket):
        browser = Browser(socket)
        await browser.offer()
        assert await close_code(socket) == REVOKED
        await browser.peer.close()
    assert here.head_counts() == {cast.meeting.pk: 0}


async def test_it_starts_the_clock_with_the_first_person(
    cast: Cast, call_server_here: None
) -> None:
    assert cast.owner.seat
    await Meeting.objects.filter(pk=cast.meeting.pk).aupdate(
        state="open", started_at=None
    )
    async for browser in in_call(cast, cast.owner):
        await browser.wait_for_people(lambda people: people[0]["recording"])
        meeting = await Meeting.objects.aget(pk=cast.meeting.pk)
        assert meeting.is_live and meeting.clock_ms() < 10_000


async def test_it_names_a_bad_offer(cast: Cast, call_server_here: None) -> None:
    async with cast.guest.socket(f"/ws/room/{cast.code}/") as (_, socket):
        await socket.receive_json_from(timeout=5)
        await socket.send_json_to({"type": "join", "sdp": "nonsense"})
        answer = await socket.receive_json_from(timeout=5)
        assert (answer["type"], answer["status"]) == ("error", 400)

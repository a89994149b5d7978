"""WHIP and WHEP with peers made of aiortc: every status, and what follows."""

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest

from meetings.media.config import ICEServer, MediaConfig
from meetings.media.errors import Forbidden, Unauthorized
from meetings.media.events import Left, SegmentOpened, TrackPublished
from meetings.media.ingress.whip import (
    Door,
    HTTPRequest,
    HTTPResponse,
    Player,
    Publisher,
    WHEPHandler,
    WHIPHandler,
)
from tests.fakes import FakeBrowser, FakePlayer, FakeTrack
from tests.meetings.media.conftest import CallHost

SDP = {"authorization": "Bearer good", "content-type": "application/sdp"}
FRAGMENT = {"content-type": "application/trickle-ice-sdpfrag"}
TURN = ICEServer(("turn:turn.example.com:3478",), "us\\er", 'pass"word')


@pytest.fixture
def media_config() -> MediaConfig:
    return MediaConfig(
        rtp_timeout=0.6,
        leave_timeout=1.6,
        connect_timeout=1.5,
        max_participants=2,
        max_viewers=1,
    )


class Station:
    """Both handlers over one room; "good" opens it, "old" is known and spent."""

    def __init__(self, host: CallHost) -> None:
        self.host = host
        self.asked: list[str] = []
        self.whip = WHIPHandler(host.server, self._publish)
        self.whep = WHEPHandler(host.server, self._play)

    async def _publish(self, token: str, path: str) -> Door:
        self._check(token)
        label = path.strip("/").split("/")[-1]
        return Publisher(self.host.server, "standup", label, label.title())

    async def _play(self, token: str, path: str) -> Door:
        self._check(token)
        whom = path.strip("/").split("/")[1:]
        return Player(self.host.server, "standup", whom[0] if whom else None)

    def _check(self, token: str) -> None:
        self.asked.append(token)
        if token == "old":
            raise Forbidden("the address has expired")
        if token != "good":
            raise Unauthorized

    async def send(
        self,
        method: str,
        path: str = "/whip/obs/",
        body: str | bytes = b"",
        headers: Any = SDP,
    ) -> HTTPResponse:
        data = body.encode() if isinstance(body, str) else body
        handler = self.whep if path.startswith("/whep") else self.whip
        return await handler.handle(HTTPRequest(method, path, headers, data))


@pytest.fixture
def station(host: CallHost) -> Station:
    return Station(host)


@pytest.fixture
async def encoder() -> AsyncIterator[FakeBrowser]:
    """What OBS is: a microphone and a camera, and no wish to receive."""
    browser = FakeBrowser(camera=True, seats=0)
    yield browser
    await browser.close()


async def publish(
    station: Station, encoder: FakeBrowser, path: str = "/whip/obs/"
) -> str:
    """Returns the address of the session."""
    answer = await station.send("POST", path, await encoder.offer())
    assert answer.status == 201, answer.body
    await encoder.accept(answer.body.decode())
    return answer.headers["Location"]


def code(answer: HTTPResponse) -> str:
    return str(json.loads(answer.body)["error"]["code"])


async def test_who_publishes_is_a_participant_like_any_other(
    host: CallHost, station: Station, encoder: FakeBrowser
) -> None:
    await publish(station, encoder)
    await host.until(lambda: len(host.of(TrackPublished, "obs")) == 2)
    assert host.room.participants["obs"].published == {"microphone", "camera"}
    assert await host.until(lambda: host.of(SegmentOpened, "obs"))
    assert await host.until(lambda: host.pcm.get("obs"))


async def test_a_session_has_an_address_of_its_own(
    station: Station, encoder: FakeBrowser
) -> None:
    answer = await station.send("POST", "/whip/obs", await encoder.offer())
    assert answer.headers["Content-Type"] == "application/sdp"
    path, _, session = answer.headers["Location"].rpartition("/")
    assert path == "/whip/obs" and len(session) == 32
    assert "a=candidate:" in answer.body.decode()


async def test_it_ends_by_delete_which_is_answered_before_it_is_done(
    host: CallHost, station: Station, encoder: FakeBrowser
) -> None:
    address = await publish(station, encoder)
    await host.until(lambda: host.of(TrackPublished, "obs"))
    both = await asyncio.gather(*(station.send("DELETE", address) for _ in range(2)))
    assert sorted(answer.status for answer in both) == [200, 404]
    assert not host.of(Left, "obs")
    (left,) = await host.until(lambda: host.of(Left, "obs"))
    assert left.reason == "left"
    assert (await station.send("DELETE", address)).status == 404
    assert (await station.send("PATCH", address, "a=", FRAGMENT)).status == 404


INTERLEAVED = (
    "m=video 9 UDP/TLS/RTP/SAVPF 102\r\na=mid:9\r\na=sendonly\r\n"
    "a=rtpmap:102 H264/90000\r\na=fmtp:102 packetization-mode=2\r\n"
)


async def test_a_picture_that_no_browser_reads_is_left_out_and_the_sound_is_taken(
    host: CallHost, station: Station
) -> None:
    encoder = FakePlayer()
    encoder.pc.addTransceiver(FakeTrack.tone(440), "sendonly")
    answer = await station.send("POST", body=await encoder.offer() + INTERLEAVED)
    assert answer.status == 201
    sound, _, picture = answer.body.decode().partition("m=video")
    assert picture.startswith(" 0 ")
    await encoder.accept(sound)
    await host.until(lambda: host.of(SegmentOpened, "obs"))
    (published,) = await host.until(lambda: host.of(TrackPublished, "obs"))
    assert published.source == "microphone"
    await encoder.close()


async def test_who_comes_again_takes_over_from_before(
    host: CallHost, station: Station, encoder: FakeBrowser
) -> None:
    first = await publish(station, encoder)
    again = FakeBrowser(seats=0)
    second = await publish(station, again)
    assert (await station.send("DELETE", first)).status == 404
    await host.until(lambda: host.room.participants["obs"].live_sources(0))
    assert (await station.send("DELETE", second)).status == 200
    await again.close()


async def test_a_session_from_which_nothing_comes_is_closed(
    host: CallHost, station: Station, encoder: FakeBrowser
) -> None:
    answer = await station.send("POST", body=await encoder.offer())
    (left,) = await host.until(lambda: host.of(Left, "obs"), 6)
    assert left.reason == "timeout"
    assert (await station.send("DELETE", answer.headers["Location"])).status == 404


async def test_candidates_may_come_later(
    host: CallHost, station: Station, encoder: FakeBrowser
) -> None:
    offer = await encoder.offer()
    found = [line for line in offer.splitlines() if "candidate" in line]
    rest = [line for line in offer.splitlines() if "candidate" not in line]
    answer = await station.send("POST", body="\r\n".join(rest) + "\r\n")
    address = answer.headers["Location"]
    late = "\r\n".join(["a=mid:0", *found])
    assert (await station.send("PATCH", address, late, FRAGMENT)).status == 204
    assert (await station.send("PATCH", address, late, FRAGMENT)).status == 204
    await encoder.accept(answer.body.decode())
    await host.until(lambda: host.of(TrackPublished, "obs"))


@pytest.mark.parametrize(
    ("body", "headers", "status"),
    [
        ("a=ice-ufrag:another\r\n", FRAGMENT, 405),
        ("nonsense", FRAGMENT, 400),
        ("a=end-of-candidates", SDP, 415),
        ("a=" + "x" * 70_000, FRAGMENT, 413),
        ("a=mid:9\r\na=candidate:1 1 udp 1 not.an.address 9 typ host", FRAGMENT, 204),
    ],
)
async def test_a_fragment_that_cannot_be_followed_is_refused(
    station: Station, encoder: FakeBrowser, body: str, headers: Any, status: int
) -> None:
    address = await publish(station, encoder)
    assert (await station.send("PATCH", address, body, headers)).status == status


@pytest.mark.parametrize(
    ("body", "headers", "status", "why"),
    [
        ("", {}, 401, "unauthorized"),
        ("", {"authorization": "Bearer"}, 401, "unauthorized"),
        ("", {"authorization": "Bearer bad"}, 401, "unauthorized"),
        ("", {"authorization": "Bearer old"}, 403, "forbidden"),
        ("v=0", {"authorization": "good"}, 415, "bad_type"),
        ("v=0", {**SDP, "content-type": "text/plain"}, 415, "bad_type"),
        ("x" * 65_537, SDP, 413, "offer_too_large"),
        ("", SDP, 400, "bad_offer"),
        ("hello", SDP, 400, "bad_offer"),
        (b"\xff\xfe", SDP, 400, "bad_offer"),
        ("m=audio 9 UDP/TLS/RTP/SAVPF 0\r\n", SDP, 406, "unsupported_codec"),
        ("m=audio 9 X 111\r\na=rtpmap:111 opus/48000\r\n", SDP, 400, "bad_offer"),
    ],
)
async def test_it_says_why_it_takes_no_offer(
    host: CallHost,
    station: Station,
    body: str | bytes,
    headers: Any,
    status: int,
    why: str,
) -> None:
    answer = await station.send("POST", body=body, headers=headers)
    assert (answer.status, code(answer)) == (status, why)
    assert ("WWW-Authenticate" in answer.headers) == (status == 401)
    assert host.room.participants == {}


async def test_the_token_comes_first(station: Station) -> None:
    await station.send("POST", body="x" * 70_000, headers={"authorization": "bad"})
    await station.send("POST", body="x" * 70_000, headers={})
    assert station.asked == ["bad"]


async def test_a_full_room_says_so(station: Station, encoder: FakeBrowser) -> None:
    offer = await encoder.offer()
    for name in ("one", "two"):
        assert (await station.send("POST", f"/whip/{name}/", offer)).status == 201
    answer = await station.send("POST", "/whip/three/", offer)
    assert (answer.status, code(answer)) == (503, "room_full")
    assert answer.headers["Retry-After"]


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "BREW"])
async def test_other_methods_are_not_known(station: Station, method: str) -> None:
    answer = await station.send(method)
    assert (answer.status, answer.body) == (405, b"")
    assert "POST" in answer.headers["Allow"]


async def test_a_page_of_another_site_may_ask_first(station: Station) -> None:
    answer = await station.send("OPTIONS", headers={})
    assert answer.status == 204
    assert answer.headers["Accept-Post"] == "application/sdp"
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert "Authorization" in answer.headers["Access-Control-Allow-Headers"]


async def test_every_answer_may_be_read_by_a_page(station: Station) -> None:
    answer = await station.send("POST", headers={})
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert "Location" in answer.headers["Access-Control-Expose-Headers"]


async def test_every_answer_says_how_long_it_is(
    station: Station, encoder: FakeBrowser
) -> None:
    """FFmpeg takes an answer in chunks for none."""
    answer = await station.send("POST", body=await encoder.offer())
    assert answer.headers["Content-Length"] == str(len(answer.body))
    ended = await station.send("DELETE", answer.headers["Location"])
    assert ended.headers["Content-Length"] == "0"
    assert (await station.send("POST", headers={})).headers["Content-Length"] != "0"


async def test_passwords_of_ice_servers_are_for_who_has_a_token(
    host: CallHost, station: Station
) -> None:
    host.server.config = replace(host.server.config, ice_servers=(TURN,))
    assert "Link" not in (await station.send("OPTIONS", headers={})).headers
    assert (await station.send("OPTIONS", headers={"authorization": "x"})).status == 401
    link = (await station.send("OPTIONS")).headers["Link"]
    assert link == (
        '<turn:turn.example.com:3478>; rel="ice-server"; username="us\\\\er"; '
        'credential="pass\\"word"; credential-type="password"'
    )


# -- WHEP


@pytest.fixture
async def player() -> AsyncIterator[FakePlayer]:
    one = FakePlayer("audio", "video")
    yield one
    await one.close()


async def play(station: Station, player: FakePlayer, path: str = "/whep/") -> str:
    answer = await station.send("POST", path, await player.offer())
    assert answer.status == 201, answer.body
    await player.accept(answer.body.decode())
    return answer.headers["Location"]


async def test_it_plays_one_person(
    host: CallHost, station: Station, encoder: FakeBrowser, player: FakePlayer
) -> None:
    address = await play(station, player, "/whep/obs/")
    await publish(station, encoder)  # who plays may come first
    await host.until(lambda: len(player.received["audio"]) > 20)
    await host.until(lambda: len(player.received["video"]) > 20)
    assert list(host.room.participants) == ["obs"]
    assert (await station.send("DELETE", address)).status == 200
    await host.until(lambda: len(host.room.viewers) == 0)
    assert "obs" in host.room.participants


async def test_it_plays_the_room_to_who_only_listens(
    host: CallHost, station: Station, encoder: FakeBrowser
) -> None:
    await publish(station, encoder)
    player = FakePlayer("audio")
    await play(station, player)
    await host.until(lambda: len(player.received["audio"]) > 20)
    await player.close()


async def test_it_does_not_play_who_is_not_recorded(
    host: CallHost, station: Station, encoder: FakeBrowser, player: FakePlayer
) -> None:
    await publish(station, encoder)
    await play(station, player)
    await host.until(lambda: len(player.received["audio"]) > 20)
    await host.server.loop.call(host.room.set_recorded("obs", False))
    await asyncio.sleep(0.3)
    before = len(player.received["audio"])
    await asyncio.sleep(0.5)
    assert len(player.received["audio"]) == before
    await host.server.loop.call(host.room.set_recorded("obs", True))
    await host.until(lambda: len(player.received["audio"]) > before + 20)


async def test_it_plays_on_when_the_person_comes_again(
    host: CallHost, station: Station, encoder: FakeBrowser, player: FakePlayer
) -> None:
    await publish(station, encoder)
    await play(station, player)
    await host.until(lambda: len(player.received["audio"]) > 20)
    again = FakeBrowser(camera=True, seats=0)
    await publish(station, again)
    await asyncio.sleep(0.3)
    before = len(player.received["audio"])
    await host.until(lambda: len(player.received["audio"]) > before + 20)
    await again.close()


async def test_players_have_their_limit(station: Station, player: FakePlayer) -> None:
    offer = await player.offer()
    assert (await station.send("POST", "/whep/", offer)).status == 201
    assert (await station.send("POST", "/whep/", offer)).status == 503


async def test_a_player_that_does_not_connect_is_let_go(
    host: CallHost, station: Station, player: FakePlayer
) -> None:
    answer = await station.send("POST", "/whep/", await player.offer())
    await host.until(lambda: len(host.room.viewers) == 0, 6)
    assert (await station.send("DELETE", answer.headers["Location"])).status == 404


async def test_a_bad_offer_leaves_no_player_behind(
    host: CallHost, station: Station, player: FakePlayer
) -> None:
    offer = (await player.offer()).replace("sha-256 ", "sha-999 ")
    answer = await station.send("POST", "/whep/", offer.replace("a=ice-pwd", "a=x"))
    assert answer.status in (201, 400)
    await host.until(lambda: len(host.room.viewers) == 0, 6)


async def test_the_end_of_a_call_ends_its_players(
    host: CallHost, station: Station, player: FakePlayer
) -> None:
    address = await play(station, player)
    room = host.room
    await host.server.close_room("standup")
    assert len(room.viewers) == 0
    assert (await station.send("DELETE", address)).status == 404
    late = await station.send("POST", "/whep/", await player.offer())
    assert late.status == 404

"""TURN, with coturn in between: people whose network lets nothing else through."""

import asyncio
import json
import socket
import time
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from meetings.media import turn
from meetings.media.config import ICEServer
from meetings.media.events import TrackPublished
from meetings.media.turn import ice_server, why_not, with_login
from tests.coturn import coturn
from tests.meetings.media.conftest import CallHost, Enter, OpenPage, dominant_hertz

USER = ("--lt-cred-mech", "--user=ann:s3cret")
SECRET = ("--use-auth-secret", "--static-auth-secret=north-star")
RELAY_ONLY = """
const Peer = window.RTCPeerConnection;
window.RTCPeerConnection = class extends Peer {
  constructor(configuration) {
    super({ ...configuration, iceServers: [SERVER], iceTransportPolicy: "relay" });
  }
};
"""
KIND_OF_PATH = """
async () => {
  const report = await window.call.pc.getStats();
  const stats = [...report.values()];
  const { selectedCandidatePairId } = stats.find(({ type }) => type === "transport");
  const pair = report.get(selectedCandidatePairId);
  return [pair.localCandidateId, pair.remoteCandidateId].map(
    (id) => report.get(id).candidateType,
  );
}
"""


@pytest.fixture(params=["user", "secret"])
async def relay(request: pytest.FixtureRequest) -> AsyncIterator[ICEServer]:
    """One that knows people by name, or by a secret that it shares with us."""
    if request.param == "user":
        async with coturn(*USER) as address:
            yield ice_server(f"turn:ann:s3cret@{address}")
    else:
        async with coturn(*SECRET) as address:
            yield ice_server(f"turn:{address}", secret="north-star")


def relay_only(server: ICEServer) -> str:
    """A browser that may use nothing but this server."""
    known = with_login(server, time.time())
    entry = {"urls": known.urls, "username": known.username}
    return RELAY_ONLY.replace(
        "SERVER", json.dumps(entry | {"credential": known.credential})
    )


async def heard(host: CallHost, id: str) -> float:
    """The tone that arrives, in Hz."""
    await host.until(lambda: len(host.pcm.get(id, ())) > 75)
    sound = np.concatenate([chunk.samples for chunk in host.pcm[id]])
    return dominant_hertz(sound[-8_000:])


async def test_sound_arrives_by_the_relay_alone(
    relay: ICEServer, host: CallHost, browser: OpenPage
) -> None:
    page = await browser("ann", hertz=660, script=relay_only(relay))
    assert await heard(host, "ann") == pytest.approx(660, abs=3)
    assert (await page.evaluate(KIND_OF_PATH))[0] == "relay"


async def test_both_sides_may_have_nothing_but_the_relay(
    relay: ICEServer, host: CallHost, browser: OpenPage
) -> None:
    host.room._config = replace(
        host.room._config, ice_servers=(relay,), relay_only=True
    )
    page = await browser("ann", hertz=660, script=relay_only(relay))
    assert await heard(host, "ann") == pytest.approx(660, abs=3)
    assert await page.evaluate(KIND_OF_PATH) == ["relay", "relay"]


async def test_a_relay_that_works_has_no_complaint(relay: ICEServer) -> None:
    assert await why_not(relay, time.time()) == ""


async def test_a_wrong_login_is_named() -> None:
    async with coturn(*USER) as address:
        wrong = ice_server(f"turn:ann:wrong@{address}")
        assert (await why_not(wrong, time.time())).startswith("it refuses: 401")
        nobody = ice_server(f"turn:{address}")
        assert "TURN_SECRET" in await why_not(nobody, time.time())
    async with coturn(*SECRET) as address:
        wrong = ice_server(f"turn:{address}", secret="another")
        told = await why_not(wrong, time.time())
        assert told.startswith("it refuses: 401") and "shared secret" in told


async def test_a_login_of_the_day_before_yesterday_has_ended() -> None:
    async with coturn(*SECRET) as address:
        server = ice_server(f"turn:{address}", secret="north-star")
        old = time.time() - 2 * turn.LIFETIME
        assert (await why_not(server, old)).startswith("it refuses: 401")


@pytest.fixture
def silent() -> Iterator[str]:
    """The address of one that never answers."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as nobody:
        nobody.bind(("127.0.0.1", 0))
        yield f"turn:ann:s3cret@127.0.0.1:{nobody.getsockname()[1]}"


async def test_one_that_does_not_answer_is_named(
    silent: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(turn, "PATIENCE", 0.3)
    assert await why_not(ice_server(silent), time.time()) == "it does not answer"
    nowhere = ice_server("turn:a:b@nowhere.invalid")
    assert (await why_not(nowhere, time.time())).startswith("it cannot be reached")


async def test_one_that_does_not_answer_keeps_nobody_out(
    host: CallHost, enter: Enter, silent: str
) -> None:
    servers = (
        ice_server(silent),
        ice_server(silent.replace("turn:ann:s3cret@", "stun:")),
    )
    host.room._config = replace(host.room._config, ice_servers=servers)
    async with asyncio.timeout(host.room._config.negotiate_timeout):
        await enter("ann")
    await host.until(lambda: host.of(TrackPublished, "ann"))


async def test_one_that_dies_keeps_no_call_open(host: CallHost, enter: Enter) -> None:
    async with coturn(*USER) as address:
        servers = (ice_server(f"turn:ann:s3cret@{address}"),)
        host.room._config = replace(host.room._config, ice_servers=servers)
        _, answer = await enter("ann")
        assert "typ relay" in answer.sdp
    async with asyncio.timeout(2.5):
        await host.server.loop.call(host.room.remove("ann"))


def test_a_login_is_made_of_the_secret_which_is_told_to_nobody() -> None:
    """The figures of another program: `echo -n 87400 | openssl sha1 -hmac ...`."""
    known = with_login(ice_server("turn:t.example", secret="north-star"), 1000.4)
    assert known == ICEServer(("turn:t.example",), "87400", PASSWORD)


PASSWORD = "YZx0m3vjvEqOLUJ32ahJ3R6ZVoY="


@pytest.mark.parametrize(
    "address",
    ["", "http://a", "turn:", "turn:a:b@", "turn:h:x", "turn:h?transport=sctp"],
)
def test_it_refuses_other_addresses(address: str) -> None:
    with pytest.raises(ValueError, match="no address"):
        ice_server(address)


@pytest.mark.parametrize("secret", ["", "north-star"])
def test_a_user_in_the_address_wins_over_the_secret(secret: str) -> None:
    server: Any = ice_server("turns:a%40b:p%3Aw@h.example:443?transport=tcp", secret)
    urls = ("turns:h.example:443?transport=tcp",)
    assert server == ICEServer(urls, "a@b", "p:w")

import asyncio
import time
from typing import Any

import pytest
from structlog.testing import capture_logs

from config.health import doctor
from meetings.media.config import ICEServer
from meetings.media.turn import ice_server
from meetings.rooms import call_server
from tests.coturn import coturn


@pytest.mark.parametrize(
    ("address", "server"),
    [
        ("stun:stun.example:3478", ICEServer(("stun:stun.example:3478",))),
        (
            "turn:ann:s%3Acret@turn.example:3478?transport=udp",
            ICEServer(("turn:turn.example:3478?transport=udp",), "ann", "s:cret"),
        ),
    ],
)
def test_it_reads_an_ice_address(address: str, server: ICEServer) -> None:
    assert ice_server(address) == server


def test_it_gives_browsers_no_empty_credentials(settings: Any) -> None:
    settings.ICE_SERVERS = ["stun:stun.example"]
    assert call_server.browser_ice() == [{"urls": ("stun:stun.example",)}]


def test_no_lasting_secret_of_a_relay_is_in_a_page(settings: Any) -> None:
    settings.TURN_SECRET = "north-star"
    settings.ICE_SERVERS = ["turn:turn.example", "stun:stun.example"]
    relay, other = call_server.browser_ice()
    assert set(relay) == {"urls", "username", "credential"} and "username" not in other
    assert time.time() < int(relay["username"]) <= time.time() + 24 * 3600
    assert "north-star" not in str(relay)
    assert call_server.media_config().ice_servers[0].secret == "north-star"


async def test_the_log_and_the_doctor_say_what_ails_a_relay(settings: Any) -> None:
    settings.TURN_SECRET = "another"
    async with coturn("--use-auth-secret", "--static-auth-secret=north-star") as at:
        settings.ICE_SERVERS = [f"turn:{at}", "stun:stun.invalid"]
        with capture_logs() as logs:
            await asyncio.to_thread(call_server.look_at_relays)
        ailing = await asyncio.to_thread(doctor.CHECKS["relay"])
        settings.TURN_SECRET = "north-star"
        well = await asyncio.to_thread(doctor.CHECKS["relay"])
    (line,) = logs
    assert line["server"] == f"turn:{at}" and line["why"].startswith("it refuses: 401")
    assert (ailing.state, well.state) == ("warn", "ok")
    assert "it refuses: 401" in str(ailing) and f"turn:{at} relays" in str(well)


def test_it_takes_no_calls_before_its_start() -> None:
    assert call_server.status() == {"ok": False, "rooms": 0, "people": 0}

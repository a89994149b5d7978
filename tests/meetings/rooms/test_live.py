from typing import Any

import pytest

from meetings.media.config import ICEServer
from meetings.rooms import call_server


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
    assert call_server.ice_server(address) == server


def test_it_gives_browsers_no_empty_credentials(settings: Any) -> None:
    settings.ICE_SERVERS = ["stun:stun.example"]
    assert call_server.browser_ice() == [{"urls": ("stun:stun.example",)}]


def test_it_takes_no_calls_before_its_start() -> None:
    assert call_server.status() == {"ok": False, "rooms": 0, "people": 0}

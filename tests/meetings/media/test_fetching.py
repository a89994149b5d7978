"""Addresses that people type in, fetched from a server that means no good."""

import socket
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from meetings.media.errors import SourceRefused, SourceTimeout, SourceUnreachable
from meetings.media.ingress import fetching
from meetings.media.ingress.addresses import AddressPolicy
from meetings.media.ingress.fetching import Fetcher, NotThere
from tests.live_sources import HLSServer

HERE = AddressPolicy(allow=["127.0.0.1"])


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[HLSServer]:
    (tmp_path / "a.txt").write_text("0123456789")
    async with HLSServer(tmp_path).serving() as server:
        yield server


async def get(
    url: str, limit: int = 100, policy: AddressPolicy = HERE, **how: tuple[int, int]
) -> tuple[bytes, str]:
    async with Fetcher(policy) as fetcher:
        return await fetcher.get(url, limit, **how)


async def test_it_gets_what_is_there(server: HLSServer) -> None:
    server.moved["old"] = "/a.txt"
    assert await get(f"{server.url}/old") == (b"0123456789", f"{server.url}/a.txt")


async def test_it_gets_a_part(server: HLSServer) -> None:
    server.texts["whole.txt"] = "0123456789"  # from a server that knows no parts
    assert (await get(f"{server.url}/a.txt", part=(2, 3)))[0] == b"234"
    assert (await get(f"{server.url}/whole.txt", part=(2, 3)))[0] == b"234"


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "2130706433", "0x7f.1"])
async def test_it_does_not_connect_to_this_machine(
    server: HLSServer, host: str
) -> None:
    url = server.url.replace("127.0.0.1", host)
    with pytest.raises(SourceRefused, match="is not a public|no valid address"):
        await get(f"{url}/a.txt", policy=AddressPolicy())
    assert not server.asked


async def test_it_does_not_follow_a_redirect_into_a_network(
    server: HLSServer,
) -> None:
    server.moved["a"] = "http://127.0.0.2/secret"
    server.moved["b"] = "file:///etc/passwd"
    for name in ("a", "b"):
        with pytest.raises(SourceRefused):
            await get(f"{server.url}/{name}")


async def test_a_name_that_changes_its_mind_leads_nowhere_else(
    server: HLSServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The name's first answer is public, each later one is this machine."""
    real, asked = socket.getaddrinfo, []

    def rebinding(host: str, port: int, *rest: object, **named: object) -> object:
        asked.append(host)
        address = "127.0.0.2" if len(asked) > 1 else "127.0.0.1"
        return real(address, port, type=socket.SOCK_STREAM)

    monkeypatch.setattr(socket, "getaddrinfo", rebinding)
    url = server.url.replace("127.0.0.1", "rebinding.example")
    assert (await get(f"{url}/a.txt"))[0] == b"0123456789"
    assert asked == ["rebinding.example"], "once for the connection"
    with pytest.raises(SourceRefused, match="127.0.0.2"):
        await get(f"{url}/a.txt")


async def test_an_endless_redirect_ends(server: HLSServer) -> None:
    server.moved["a"] = "/a"
    with pytest.raises(SourceUnreachable, match="redirects more than 5 times"):
        await get(f"{server.url}/a")
    assert len(server.asked) == 6


async def test_what_is_too_large_is_not_kept(server: HLSServer) -> None:
    server.huge.add("huge")
    for name in ("huge", "a.txt"):
        with pytest.raises(NotThere, match="larger than"):
            await get(f"{server.url}/{name}", limit=9)


@pytest.mark.parametrize(
    "url",
    [
        "file:///etc/passwd",
        "ftp://example.com/a",
        "gopher://127.0.0.1:70/",
        "http://",
        "http://[::1",
        "http://a:99999/",
        "concat:a|b",
        "",
    ],
)
async def test_only_web_addresses_are_read(url: str) -> None:
    with pytest.raises(SourceRefused):
        await get(url)


async def test_it_says_what_is_wrong(server: HLSServer) -> None:
    server.missing.add("a.txt")
    with pytest.raises(NotThere, match="answers with 404"):
        await get(f"{server.url}/a.txt")
    with pytest.raises(SourceUnreachable, match="cannot be reached"):
        await get("http://127.0.0.1:1/")
    with pytest.raises(SourceUnreachable, match="name is not known"):
        await get("http://nobody.invalid/")


async def test_it_waits_neither_for_silence_nor_for_single_drops(
    server: HLSServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fetching, "READ_SECONDS", 0.3)
    monkeypatch.setattr(fetching, "WHOLE_SECONDS", 0.6)
    server.silent.add("silent")
    server.dripping.add("dripping")
    for name in ("silent", "dripping"):
        with pytest.raises(SourceTimeout):
            await get(f"{server.url}/{name}")


async def test_no_proxy_of_the_environment_is_asked(
    server: HLSServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    assert (await get(f"{server.url}/a.txt"))[0] == b"0123456789"

"""SRT with FFmpeg at the other end."""

import asyncio
import os
import signal
import socket
from collections.abc import AsyncIterator
from typing import Any

import pytest

from meetings.media.egress.manifest import RecordingManifest
from meetings.media.errors import SourceRefused, SourceUnreachable, SRTMissing
from meetings.media.events import Left
from meetings.media.ingress import libsrt, srt
from meetings.media.ingress.addresses import AddressPolicy
from meetings.media.ingress.base import Backoff, IngressState
from meetings.media.ingress.srt import SRTAddress, SRTCaller, parse_url
from meetings.media.ingress.srt_listener import (
    Grant,
    Reject,
    SRTListener,
    SRTSession,
    StreamID,
    everywhere,
    parse_stream_id,
)
from meetings.media.pcm import load_pcm16k
from tests.live_sources import sending, tone
from tests.meetings.media.conftest import CallHost, dominant_hertz

SECRET = "correct-horse-battery"
HERE = AddressPolicy(allow=["127.0.0.1"])
by_ipv6 = pytest.mark.skipif(
    everywhere() != "::", reason="this machine has no IPv6: sysctl net.ipv6.conf"
)
TS = ["-c:a", "aac", "-b:a", "64k", "-f", "mpegts"]


class Door:
    """Who may call, by token; the sessions there were."""

    def __init__(self, host: CallHost, at: str = "127.0.0.1") -> None:
        self.host = host
        self.sessions: list[SRTSession] = []
        self.listener = SRTListener(at, 0, self.authorize, self.sessions.append)

    def authorize(self, stream_id: str) -> Grant | Reject:
        try:
            asked = parse_stream_id(stream_id)
        except ValueError:
            return Reject.BAD_REQUEST
        if asked.token != "token":
            return Reject.UNAUTHORIZED
        return Grant(self.host.room, asked.label, asked.label.title(), SECRET)

    def url(
        self,
        label: str = "stage",
        token: str = "token",
        secret: str = SECRET,
        to: str = "127.0.0.1",
    ) -> str:
        stream_id = f"publish:standup:{label}:{token}"
        address = f"srt://{to}:{self.listener.port}?streamid={stream_id}"
        return f"{address}&passphrase={secret}" if secret else address

    async def session(self, n: int = 0) -> SRTSession:
        await self.host.until(
            lambda: (
                len(self.sessions) > n
                and self.sessions[n].state is IngressState.PUBLISHING
            )
        )
        return self.sessions[n]


@pytest.fixture
async def door(host: CallHost) -> AsyncIterator[Door]:
    door = Door(host)
    await host.server.loop.call(door.listener.start())
    yield door
    await host.server.loop.call(door.listener.stop())


def call(url: str, hertz: float = 660, seconds: float = 3) -> Any:
    return sending("-re", *tone(hertz, seconds), *TS, url)


async def refused(url: str) -> str:
    async with call(url) as caller:
        async with asyncio.timeout(10):
            _, said = await caller.communicate()
    assert caller.returncode != 0
    return str(said.decode())


def recorded(host: CallHost, id: str) -> Any:
    segments = RecordingManifest(host.record_dir).load().values()
    (segment,) = [s for s in segments if s.participant_id == id]
    return segment, load_pcm16k(host.record_dir / segment.file)


async def test_it_records_who_calls(host: CallHost, door: Door) -> None:
    async with call(door.url(), seconds=4) as caller:
        session = await door.session()
        await caller.wait()
        await host.until(lambda: session.state is IngressState.COMPLETE)
    await host.server.loop.call(host.room.remove("stage"))

    _, sound = recorded(host, "stage")
    assert len(sound) / 16_000 == pytest.approx(4, abs=0.5)
    assert dominant_hertz(sound[8_000:-8_000]) == pytest.approx(660, abs=1)


async def test_two_call_one_port(host: CallHost, door: Door) -> None:
    async with call(door.url("ann"), 440), call(door.url("ben"), 880):
        await door.session(0)
        await door.session(1)
        await host.until(lambda: not any(s.runs for s in door.sessions))
    for id in ("ann", "ben"):
        await host.server.loop.call(host.room.remove(id))

    for id, hertz in (("ann", 440), ("ben", 880)):
        _, sound = recorded(host, id)
        assert dominant_hertz(sound[8_000:-8_000]) == pytest.approx(hertz, abs=1)


async def test_a_wrong_token_or_passphrase_does_not_get_in(
    host: CallHost, door: Door
) -> None:
    for url in (
        door.url(token="wrong"),
        door.url(secret="another-passphrase"),
        door.url(secret=""),
    ):
        assert "Error" in await refused(url)
    assert not door.sessions and not host.room.participants


async def test_who_sends_already_is_not_pushed_out(host: CallHost, door: Door) -> None:
    async with call(door.url(), seconds=20):
        session = await door.session()
        await refused(door.url())
        assert session.state is IngressState.PUBLISHING
    assert len(door.sessions) == 1


async def test_who_calls_again_is_the_same_person(host: CallHost, door: Door) -> None:
    async with call(door.url(), seconds=1):
        session = await door.session()
        await host.until(lambda: not session.runs)
    async with call(door.url(), seconds=1):
        await door.session(1)
        assert list(host.room.participants) == ["stage"]
        assert not host.of(Left, "stage")


async def test_a_stall_of_five_seconds_is_a_gap_and_no_word_is_lost(
    host: CallHost, door: Door
) -> None:
    async with call(door.url(), seconds=9) as caller:
        session = await door.session()
        await host.until(lambda: session.stats.frames > 75)
        os.kill(caller.pid, signal.SIGSTOP)
        await asyncio.sleep(5)
        os.kill(caller.pid, signal.SIGCONT)
        await host.until(lambda: session.state is IngressState.COMPLETE, 20)
    await host.server.loop.call(host.room.remove("stage"))

    segment, sound = recorded(host, "stage")
    gaps = [end - start for start, end in segment.gaps]  # a busy machine adds its own
    assert 3_500 < max(gaps) < 6_500
    assert len(sound) / 16_000 - sum(gaps) / 1000 == pytest.approx(9, abs=0.7)


async def test_closing_the_port_ends_everybody(host: CallHost, door: Door) -> None:
    async with call(door.url(), seconds=20):
        session = await door.session()
        async with asyncio.timeout(3):
            await host.server.loop.call(door.listener.stop())
        assert session.state is IngressState.INACTIVE
        assert "stage" not in host.room.participants


async def test_a_port_that_is_taken_is_said(host: CallHost, door: Door) -> None:
    second = SRTListener("127.0.0.1", door.listener.port, door.authorize)
    with pytest.raises(SourceUnreachable):
        await host.server.loop.call(second.start())


async def test_garbage_at_the_port_disturbs_nobody(host: CallHost, door: Door) -> None:
    loop = asyncio.get_running_loop()
    address = ("127.0.0.1", door.listener.port)
    transport, _ = await loop.create_datagram_endpoint(
        asyncio.DatagramProtocol, remote_addr=address
    )
    async with call(door.url(), seconds=2):
        session = await door.session()
        for _ in range(2000):
            transport.sendto(os.urandom(200))
        transport.close()
        await host.until(lambda: session.state is IngressState.COMPLETE)
    assert session.stats.frames == pytest.approx(100, abs=15)


async def test_what_is_no_stream_is_an_error_of_that_caller(
    host: CallHost, door: Door
) -> None:
    async with sending("-re", *tone(440, 5), "-f", "s16le", door.url()):
        await host.until(lambda: door.sessions and not door.sessions[0].runs)
    assert door.sessions[0].state is IngressState.ERROR
    assert door.sessions[0].error == "no MPEG-TS, MP4, AAC or MP3"


@by_ipv6
async def test_it_is_called_by_ipv4_and_by_ipv6(host: CallHost) -> None:
    door = Door(host, everywhere())
    await host.server.loop.call(door.listener.start())
    try:
        async with (
            call(door.url("four"), seconds=3),
            call(door.url("six", to="[::1]"), seconds=3),
        ):
            await door.session(1)
        names = {session.id for session in door.sessions}
        assert names == {"four", "six"}
    finally:
        await host.server.loop.call(door.listener.stop())


@by_ipv6
async def test_it_calls_by_ipv6(host: CallHost, free_port: int) -> None:
    target = f"srt://[::1]:{free_port}?mode=listener&passphrase={SECRET}"
    url = f"srt://[::1]:{free_port}?passphrase={SECRET}"
    retry = Backoff(first=0.1, longest=0.3, tries=20)
    policy = AddressPolicy(allow=["::1"])
    ingress = SRTCaller("stage", "Stage", url, policy=policy, retry=retry)
    async with call(target, seconds=3):
        await host.server.loop.call(ingress.start(host.room))
        await host.until(lambda: ingress.state is IngressState.PUBLISHING)
    await host.server.loop.call(ingress.stop())


@by_ipv6
async def test_it_tries_the_addresses_of_a_name_in_turn(
    host: CallHost, free_port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its server has both, and listens at one; only what is allowed is called."""
    monkeypatch.setattr(srt, "CONNECT_MS", 300)
    policy = AddressPolicy(allow=["127.0.0.1", "::1"])
    target = f"srt://[::1]:{free_port}?mode=listener&passphrase={SECRET}"
    url = f"srt://both.example:{free_port}?passphrase={SECRET}"
    found = [
        (socket.AF_INET6, 0, 0, "", ("::1", free_port, 0, 0)),
        (socket.AF_INET6, 0, 0, "", ("::ffff:10.0.0.1", free_port, 0, 0)),
        (socket.AF_INET, 0, 0, "", ("127.0.0.1", free_port)),
    ]

    async def both(*words: Any, **more: Any) -> Any:
        return list(found)

    monkeypatch.setattr(asyncio.BaseEventLoop, "getaddrinfo", both)
    assert [
        to[0] for _, to in await srt.resolve("both.example", free_port, policy)
    ] == [
        "127.0.0.1",
        "::1",
    ]
    retry = Backoff(first=0.1, longest=0.3, tries=20)
    ingress = SRTCaller("stage", "Stage", url, policy=policy, retry=retry)
    async with call(target, seconds=3):
        await host.server.loop.call(ingress.start(host.room))
        await host.until(lambda: ingress.state is IngressState.PUBLISHING)
    await host.server.loop.call(ingress.stop())


@pytest.mark.parametrize("address", ["[::1]", "[::ffff:127.0.0.1]", "[fe80::1]"])
async def test_it_calls_no_private_address_of_ipv6(
    host: CallHost, address: str
) -> None:
    ingress = SRTCaller("x", "X", f"srt://{address}:9000", retry=Backoff(tries=1))
    await host.server.loop.call(ingress.start(host.room))
    await host.until(lambda: not ingress.runs)
    assert "is not a public address" in ingress.error


def test_a_machine_without_ipv6_listens_by_ipv4(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def none(*words: Any) -> None:
        raise OSError("Address family not supported by protocol")

    monkeypatch.setattr(socket, "socket", none)
    assert everywhere() == "0.0.0.0"


async def test_it_calls_others(host: CallHost, free_port: int) -> None:
    target = f"srt://127.0.0.1:{free_port}?mode=listener&passphrase={SECRET}"
    url = f"srt://127.0.0.1:{free_port}?passphrase={SECRET}"
    retry = Backoff(first=0.1, longest=0.3, tries=20)
    ingress = SRTCaller("stage", "Stage", url, policy=HERE, retry=retry)
    async with call(target, seconds=3) as peer:
        await host.server.loop.call(ingress.start(host.room))
        await host.until(lambda: ingress.state is IngressState.PUBLISHING)
        await peer.wait()
    await host.until(lambda: ingress.state is IngressState.BUFFERING)
    await host.server.loop.call(ingress.stop())

    _, sound = recorded(host, "stage")
    assert dominant_hertz(sound[8_000:40_000]) == pytest.approx(660, abs=1)
    assert len(sound) / 16_000 == pytest.approx(3, abs=0.6)


async def test_a_refusal_is_told_in_words(host: CallHost, door: Door) -> None:
    wrong = {
        "the token is wrong": door.url(token="wrong"),
        "the passphrase is wrong": door.url(secret="another-passphrase"),
    }
    callers = {
        word: SRTCaller(word, "X", url, policy=HERE, retry=Backoff(tries=1))
        for word, url in wrong.items()
    }
    for caller in callers.values():
        await host.server.loop.call(caller.start(host.room))
    await host.until(lambda: not any(caller.runs for caller in callers.values()))
    for word, caller in callers.items():
        assert caller.state is IngressState.ERROR and word in caller.error


async def test_it_calls_nobody_in_a_private_network(host: CallHost) -> None:
    ingress = SRTCaller("x", "X", "srt://localhost:9000")
    await host.server.loop.call(ingress.start(host.room))
    await host.until(lambda: not ingress.runs)
    assert ingress.error == "localhost is not a public address"


async def test_a_peer_that_does_not_answer_is_given_up(
    host: CallHost, free_port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("meetings.media.ingress.srt.CONNECT_MS", 300)
    url = f"srt://127.0.0.1:{free_port}"
    ingress = SRTCaller("x", "X", url, policy=HERE, retry=Backoff(tries=1))
    await host.server.loop.call(ingress.start(host.room))
    await host.until(lambda: not ingress.runs)
    assert ingress.state is IngressState.ERROR and ingress.error


async def test_stopping_does_not_wait_for_a_peer(
    host: CallHost, free_port: int
) -> None:
    ingress = SRTCaller("x", "X", f"srt://127.0.0.1:{free_port}", policy=HERE)
    await host.server.loop.call(ingress.start(host.room))
    await asyncio.sleep(0.3)  # it calls, and nobody answers
    async with asyncio.timeout(1):
        await host.server.loop.call(ingress.stop())
    assert ingress.state is IngressState.INACTIVE


async def test_a_machine_without_the_library_says_what_to_install(
    host: CallHost, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(libsrt, "NAMES", ("libnothing.so.1",))
    libsrt.library.cache_clear()
    with pytest.raises(SRTMissing, match="apt-get install libsrt1.5-gnutls"):
        libsrt.library()
    ingress = SRTCaller("x", "X", "srt://127.0.0.1:9000", policy=HERE)
    await host.server.loop.call(ingress.start(host.room))
    await host.until(lambda: not ingress.runs)
    assert "apt-get install" in ingress.error
    monkeypatch.undo()


@pytest.mark.parametrize(
    ("text", "asked"),
    [
        ("publish:standup:ann:t0k", StreamID("standup", "ann", "t0k")),
        ("#!::r=standup,u=ann,s=t0k,m=publish", StreamID("standup", "ann", "t0k")),
        ("#!::s=t0k,r=standup", StreamID("standup", "", "t0k")),
    ],
)
def test_it_reads_stream_ids(text: str, asked: StreamID) -> None:
    assert parse_stream_id(text) == asked


@pytest.mark.parametrize(
    "text", ["", "publish:a:b", "read:a:b:c", "#!::r=a,s=b,m=request", "#!::u=a", "a"]
)
def test_it_refuses_other_stream_ids(text: str) -> None:
    with pytest.raises(ValueError, match="stream id"):
        parse_stream_id(text)


def test_it_reads_addresses() -> None:
    url = f"srt://h.example:9?streamid=%23!::r=a&passphrase={SECRET}&latency=200"
    assert parse_url(url) == SRTAddress("h.example", 9, "#!::r=a", SECRET)


@pytest.mark.parametrize(
    "url",
    [
        "srt://h",
        "srt://:9",
        "http://h:9",
        "srt://h:9?mode=listener",
        "srt://h:9?passphrase=short",
        "srt://h:99999",
        "",
    ],
)
def test_it_refuses_other_addresses(url: str) -> None:
    with pytest.raises(SourceRefused):
        parse_url(url)


@pytest.fixture
def free_port() -> int:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])

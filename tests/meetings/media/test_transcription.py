"""Decoded sound on its way to those who write it down."""

import asyncio
import json
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import numpy as np
import pytest
from websockets.asyncio.server import Server, ServerConnection, serve

from meetings.media.config import MediaConfig
from meetings.media.egress.transcription import HELD, Line, TranscriptionEgress
from meetings.media.egress.websocket import WebSocketPCMEgress
from meetings.media.injected import InjectedTrack
from meetings.media.pcm import PCM_RATE, PCMChunk
from tests.meetings.media.conftest import CallHost, dominant_hertz
from tests.meetings.media.test_publish import play, publish


@pytest.fixture
def media_config() -> MediaConfig:
    return MediaConfig(rtp_timeout=0.4)


def chunk(t: int, samples: int = PCM_RATE) -> PCMChunk:
    return PCMChunk(t, np.full(samples, 7, np.int16))


async def test_it_awaits_with_each_chunk_in_order(host: CallHost) -> None:
    heard: list[PCMChunk] = []

    async def push(participant_id: str, chunk: PCMChunk) -> None:
        await asyncio.sleep(0.001)
        heard.append(chunk)

    egress = TranscriptionEgress(push)
    call = host.server.loop.call
    track = InjectedTrack()
    await call(egress.start(host.room))

    publication = await publish(host, track)
    await call(play(track, 700, 1.0))
    await call(publication.leave())
    await call(egress.stop())

    assert [c.t for c in heard] == sorted(c.t for c in heard)
    sound = np.concatenate([c.samples for c in heard])
    assert len(sound) == pytest.approx(PCM_RATE, abs=400)
    assert dominant_hertz(sound) == pytest.approx(700, abs=2)
    assert len(sound) == sum(len(c.samples) for c in host.pcm["stage"])


async def test_a_slow_listener_loses_the_oldest() -> None:
    line = Line()
    for second in range(40):
        line.put(chunk(second * 1000))
    line.end_sound()

    left = [chunk.t async for chunk in line.chunks()]

    assert left[0] == 10_000 and len(left) == HELD // PCM_RATE
    assert line.dropped == 10 * PCM_RATE


async def test_one_that_hangs_holds_up_nobody(host: CallHost) -> None:
    async def push(participant_id: str, chunk: PCMChunk) -> None:
        await asyncio.Event().wait()

    egress = TranscriptionEgress(push)
    await host.server.loop.call(egress.start(host.room))
    track = InjectedTrack()
    await publish(host, track)
    await host.server.loop.call(play(track, 700, 0.5))
    await host.until(lambda: host.pcm.get("stage"))

    began = time.monotonic()
    await host.server.loop.call(egress.stop())
    assert time.monotonic() - began < 4


@dataclass
class Service:
    """What a websocket service got: per path the texts, and the sound."""

    url: str = ""
    texts: dict[str, list[dict[str, object]]] = field(default_factory=dict)
    sound: dict[str, bytes] = field(default_factory=dict)

    async def take(self, socket: ServerConnection) -> None:
        assert socket.request is not None
        path = socket.request.path
        async for message in socket:
            if isinstance(message, str):
                self.texts.setdefault(path, []).append(json.loads(message))
            else:
                self.sound[path] = self.sound.get(path, b"") + message

    async def listen(self, port: int = 0) -> Server:
        server = await serve(self.take, "127.0.0.1", port)
        port = next(iter(server.sockets)).getsockname()[1]
        self.url = f"ws://127.0.0.1:{port}/pcm"
        return server


@pytest.fixture
async def service() -> AsyncIterator[Service]:
    service = Service()
    server = await service.listen()
    yield service
    server.close()
    await server.wait_closed()


async def test_a_service_gets_the_samples_and_who_is_muted(
    host: CallHost, service: Service
) -> None:
    egress = WebSocketPCMEgress(service.url)
    call = host.server.loop.call
    track = InjectedTrack()
    await call(egress.start(host.room))
    publication = await publish(host, track)
    await call(play(track, 700, 1.0))
    path = "/pcm?participant=stage"
    await host.until(lambda: {"muted": True} in service.texts[path])
    await call(play(track, 700, 0.6))
    await host.until(lambda: {"muted": False} in service.texts[path])
    await call(publication.leave())
    await call(egress.stop())

    head = service.texts[path][0]
    assert head["participant"] == "stage" and head["rate"] == 16_000
    assert head["format"] == "s16le" and head["t"] == host.pcm["stage"][0].t
    sound = np.frombuffer(service.sound[path], "<i2")
    expected = np.concatenate([c.samples for c in host.pcm["stage"]])
    assert np.array_equal(sound, expected)
    assert dominant_hertz(sound[:12_000]) == pytest.approx(700, abs=2)


async def test_a_service_that_comes_late_has_what_was_held(
    host: CallHost, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("meetings.media.egress.websocket.AGAIN", (0.1, 0.2))
    service = Service()
    server = await service.listen()
    port = int(service.url.split(":")[2].split("/")[0])
    server.close()
    await server.wait_closed()
    egress = WebSocketPCMEgress(service.url)
    track = InjectedTrack()
    await host.server.loop.call(egress.start(host.room))
    await publish(host, track)
    await host.server.loop.call(play(track, 700, 0.6))
    server = await service.listen(port)
    path = "/pcm?participant=stage"
    await host.until(lambda: len(service.sound.get(path, b"")) > PCM_RATE)
    await host.server.loop.call(egress.stop())
    server.close()
    await server.wait_closed()

    first = np.frombuffer(service.sound[path], "<i2")[: PCM_RATE // 2]
    assert dominant_hertz(first) == pytest.approx(700, abs=3)

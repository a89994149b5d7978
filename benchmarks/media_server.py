"""A server of one room in a process of its own, for `benchmarks.media` to measure.

    python -m benchmarks.media_server ours|stock

JSON lines, in: {"join": name, "sdp": offer}, {"cpu": true}; out: {"sdp": answer},
{"cpu": seconds}, and {"heard": monotonic seconds} for each onset in the sound of who is
named "speaker". `stock` is aiortc as it comes: its jitter buffer, and MediaRelay, which
decodes and encodes for everybody who receives.
"""

import asyncio
import json
import sys
import tempfile
import time
from contextlib import suppress
from pathlib import Path
from typing import Any, Protocol

import av
import numpy as np
from aiortc import RTCConfiguration, RTCPeerConnection, RTCSessionDescription
from aiortc.contrib.media import MediaRelay
from aiortc.mediastreams import MediaStreamError

from meetings.media.config import MediaConfig
from meetings.media.pcm import PCMChunk
from meetings.media.server import MediaServer

SPEAKER = "speaker"
LOUD = 1000  # RMS of 16-bit samples from which on it is sound
QUIET = 0.2  # s without sound before an onset


class Onsets:
    """Tells when sound begins."""

    def __init__(self) -> None:
        self._last = 0.0

    def hear(self, samples: Any) -> None:
        """Some samples of 16 bits, as they come out of a decoder."""
        now = time.monotonic()
        if len(samples) and np.sqrt(np.mean(samples.astype(np.float64) ** 2)) > LOUD:
            if now - self._last > QUIET:
                say({"heard": now})
            self._last = now


class Room(Protocol):
    async def join(self, name: str, sdp: str) -> str: ...


class Ours:
    """The media library's room."""

    def __init__(self, folder: Path) -> None:
        self._server = MediaServer(MediaConfig(max_participants=50))
        self._server.start()
        self._folder = folder
        self._onsets = Onsets()

    async def join(self, name: str, sdp: str) -> str:
        room = await self._server.open_room("room", self._folder, time.time())
        heard = name == SPEAKER
        if heard:
            room.on_pcm(self._hear)
        answer = await self._server.loop.call(
            room.join(name, name, sdp, recorded=heard)
        )
        return answer.sdp

    def _hear(self, name: str, chunk: PCMChunk) -> None:
        self._onsets.hear(chunk.samples)


class Stock:
    """aiortc alone."""

    def __init__(self) -> None:
        self._relay = MediaRelay()
        self._published: list[Any] = []
        self._peers: list[Any] = []
        self._tasks: list[asyncio.Task[None]] = []

    async def join(self, name: str, sdp: str) -> str:
        peer = RTCPeerConnection(RTCConfiguration(iceServers=[]))
        self._peers.append(peer)
        coming = list[Any]()
        peer.on("track", coming.append)
        await peer.setRemoteDescription(RTCSessionDescription(sdp, "offer"))
        for track in self._published:
            peer.addTrack(self._relay.subscribe(track, buffered=False))
        for track in coming:
            if name == SPEAKER and track.kind == "audio":
                self._tasks.append(asyncio.create_task(_listen(track)))
            elif name.startswith("publisher"):
                self._published.append(track)
        await peer.setLocalDescription(await peer.createAnswer())
        answer: str = peer.localDescription.sdp
        return answer


async def _listen(track: Any) -> None:
    onsets = Onsets()
    resampler = av.AudioResampler(format="s16", layout="mono", rate=16_000)
    with suppress(MediaStreamError):
        while True:
            for frame in resampler.resample(await track.recv()):
                onsets.hear(frame.to_ndarray()[0])


def say(message: dict[str, Any]) -> None:
    print(json.dumps(message), flush=True)


async def serve(room: Room) -> None:
    """Until the input ends."""
    while line := await asyncio.to_thread(sys.stdin.readline):
        asked = json.loads(line)
        if "cpu" in asked:
            say({"cpu": time.process_time()})
        else:
            say({"sdp": await room.join(asked["join"], asked["sdp"])})


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(serve(Stock() if sys.argv[1] == "stock" else Ours(Path(folder))))


if __name__ == "__main__":
    main()

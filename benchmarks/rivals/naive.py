"""The loop that everybody writes first: faster-whisper over a buffer, each second."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from websockets.asyncio.client import ClientConnection

from benchmarks.rivals.screen import Screen
from benchmarks.rivals.session import Launch, Session

_SERVER = Path(__file__).with_name("naive_server.py")


@dataclass(frozen=True)
class Naive:
    """``naive_server.py`` with a faster-whisper of its own."""

    name: str = "naive"
    environment: str = "naive"
    path: str = "/"
    steps: tuple[str, ...] = ("faster-whisper==1.2.1 websockets==16.0 requests",)

    def command(self, launch: Launch) -> Sequence[str]:
        """Runs the server."""
        return [str(launch.python), str(_SERVER), str(launch.model), str(launch.port)]

    def session(self) -> Session:
        """One buffer."""
        return _Session()


@dataclass
class _Session:
    _finals: list[str] = field(default_factory=list)

    async def greet(self, socket: ClientConnection) -> None:
        await socket.recv()

    def packet(self, samples: NDArray[np.int16]) -> bytes:
        return samples.tobytes()

    async def part(self, socket: ClientConnection) -> None:
        await socket.send("end")

    def screen(self, message: str) -> Screen:
        event = json.loads(message)
        if event["final"]:
            self._finals.append(event["text"])
        return Screen(" ".join(self._finals), "" if event["final"] else event["text"])

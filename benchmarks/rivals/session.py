"""One stream at a peer's websocket: its greeting, its packets, its events."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from websockets.asyncio.client import ClientConnection

from benchmarks.rivals.environment import Steps
from benchmarks.rivals.screen import Screen


class Refused(Exception):
    """A peer does not take this stream."""


class Session(Protocol):
    """The client's side of one stream."""

    async def greet(self, socket: ClientConnection) -> None:
        """Get ready to send sound. Raises Refused."""
        ...

    def packet(self, samples: NDArray[np.int16]) -> bytes:
        """20 ms of sound as it goes over the wire."""
        ...

    async def part(self, socket: ClientConnection) -> None:
        """Say that the sound has ended."""
        ...

    def screen(self, message: str) -> Screen:
        """What is displayed after an event; called in the order of the events."""
        ...


@dataclass(frozen=True)
class Launch:
    """What a peer's process is started with."""

    python: Path
    model: Path  # a CTranslate2 folder
    port: int
    streams: int


class Rival(Protocol):
    """A peer: how it is installed, started and talked to."""

    @property
    def name(self) -> str:
        """As in the table."""
        ...

    @property
    def environment(self) -> str:
        """The folder of its environment; variants of a peer share one."""
        ...

    @property
    def steps(self) -> Steps:
        """What pip installs."""
        ...

    @property
    def path(self) -> str:
        """Of the websocket."""
        ...

    def command(self, launch: Launch) -> Sequence[str]:
        """Starts the server."""
        ...

    def session(self) -> Session:
        """One more stream."""
        ...

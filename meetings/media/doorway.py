import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass


@dataclass(eq=False)
class Waiting:
    """Somebody at the door, with what was decided about them since they came there."""

    participant_id: str
    recorded: bool
    video: bool = False
    removed: bool = False


class Doorway:
    """One person through at a time; who waits can be put out, or decide otherwise."""

    def __init__(self) -> None:
        self._turn = asyncio.Lock()
        self._waiting: list[Waiting] = []

    @asynccontextmanager
    async def through(
        self, participant_id: str, recorded: bool, video: bool = False
    ) -> AsyncIterator[Waiting]:
        """In the body it is their turn."""
        waiting = Waiting(participant_id, recorded, video)
        self._waiting.append(waiting)
        try:
            async with self._turn:
                yield waiting
        finally:
            self._waiting.remove(waiting)

    def remove(self, participant_id: str) -> None:
        for waiting in self._at(participant_id):
            waiting.removed = True

    def set_recorded(self, participant_id: str, recorded: bool, video: bool) -> None:
        for waiting in self._at(participant_id):
            waiting.recorded, waiting.video = recorded, video

    def _at(self, participant_id: str) -> list[Waiting]:
        return [w for w in self._waiting if w.participant_id == participant_id]

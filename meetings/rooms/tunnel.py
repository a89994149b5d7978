"""One end of a connection that another process answers: ASGI events, as they are."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from typing import Any

Event = dict[str, Any]
Post = Callable[[Event], None]
Soon = Callable[..., object]  # calls a function on the loop of the connection

WINDOW = 32  # events on their way in one direction: who reads slowly is waited for
ACKS = WINDOW // 4  # events after which their sender is told


class Gone(Exception):
    """The other end of a tunnel is not there any more."""


class Tunnel:
    """One end of a connection: what the other end sent, and leave to send more."""

    def __init__(self, peer: str, meeting_id: int, post: Post, soon: Soon) -> None:
        self.peer = peer  # channel of the other process
        self.meeting_id = meeting_id
        self._post = post
        self._soon = soon
        self._came: asyncio.Queue[Event | None] = asyncio.Queue()
        self._leave = asyncio.Semaphore(WINDOW)
        self._unsaid = 0  # events that came and were not acknowledged
        self._gone = False

    async def send(self, event: Event) -> None:
        """Send it when the other end has read enough. Raises Gone."""
        await self._leave.acquire()
        if self._gone:
            self._leave.release()  # for the next who waits
            raise Gone
        self._post({"event": packed(event)})

    async def receive(self) -> Event:
        """The next event from the other end. Raises Gone."""
        if (event := await self._came.get()) is None:
            raise Gone
        self._unsaid += 1
        if self._unsaid == ACKS:
            self._post({"ack": self._unsaid})
            self._unsaid = 0
        return event

    def hear(self, word: Event) -> None:
        """What came over Valkey. Any thread."""
        with suppress(RuntimeError):  # the loop is gone, and with it the connection
            self._soon(self._hear, word)

    def _hear(self, word: Event) -> None:
        if "gone" in word:
            self._gone = True
            self._came.put_nowait(None)
            self._leave.release()
        elif "ack" in word:
            for _ in range(word["ack"]):
                self._leave.release()
        else:
            self._came.put_nowait(unpacked(word["event"]))


def packed(value: Any) -> Any:
    """An ASGI event or scope for JSON, which has no bytes."""
    if isinstance(value, bytes):
        return {"bytes": value.decode("latin-1")}
    if isinstance(value, dict):
        return {name: packed(part) for name, part in value.items()}
    return [packed(part) for part in value] if _is_list(value) else value


def unpacked(value: Any) -> Any:
    """What ``packed`` made."""
    if isinstance(value, dict):
        if value.keys() == {"bytes"}:
            return value["bytes"].encode("latin-1")
        return {name: unpacked(part) for name, part in value.items()}
    return [unpacked(part) for part in value] if isinstance(value, list) else value


def _is_list(value: Any) -> bool:
    return isinstance(value, list | tuple)

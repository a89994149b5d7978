"""Decoded sound for other services, over a websocket per person."""

import asyncio
import logging
from contextlib import suppress
from typing import Any
from urllib.parse import quote

import aiohttp

from meetings.media.egress.transcription import Line, PCMEgress
from meetings.media.events import Interrupted, Left, Resumed, RoomEvent
from meetings.media.pcm import PCM_RATE

logger = logging.getLogger(__name__)

CONNECT_SECONDS = 5.0
AGAIN = (1.0, 30.0)  # s before a service that is away is tried again


class WebSocketPCMEgress(PCMEgress):
    """Connects to `url` once for each recorded person, with `?participant=ID` added.

    First comes a text, {"participant", "rate": 16000, "format": "s16le", "channels": 1,
    "t": ms on the room clock}; then binary messages of samples, without a break, where
    silence stands for what did not arrive; and {"muted": true or false} when the person
    falls silent on the wire, and comes back. A service that is away misses what is
    older than 30 s. The address is the operator's own: it is not vetted.
    """

    def __init__(self, url: str) -> None:
        super().__init__()
        self._url = url
        self._sockets: dict[str, aiohttp.ClientWebSocketResponse] = {}

    async def carry(self, participant_id: str, line: Line) -> None:
        wait = AGAIN[0]
        while True:
            try:
                async with aiohttp.ClientSession() as session:
                    return await self._send(session, participant_id, line)
            except (aiohttp.ClientError, OSError, TimeoutError) as error:
                logger.warning("%s does not take sound: %s", self._url, error)
            if not line.sounds:
                return
            await asyncio.sleep(wait)
            wait = min(AGAIN[1], 2 * wait)

    def hear(self, event: RoomEvent) -> None:
        super().hear(event)
        if isinstance(event, Interrupted | Resumed | Left):
            muted = not isinstance(event, Resumed)
            if (socket := self._sockets.get(event.participant_id)) is not None:
                task = asyncio.ensure_future(_say(socket, muted=muted))
                self._tasks.add(task)
                task.add_done_callback(self._tasks.discard)

    async def _send(
        self, session: aiohttp.ClientSession, participant_id: str, line: Line
    ) -> None:
        joint = "&" if "?" in self._url else "?"
        url = f"{self._url}{joint}participant={quote(participant_id)}"
        async with asyncio.timeout(CONNECT_SECONDS):
            socket = await session.ws_connect(url, heartbeat=10.0)
        self._sockets[participant_id] = socket
        try:
            await self._send_all(socket, participant_id, line)
        finally:
            self._sockets.pop(participant_id, None)
            await socket.close()

    async def _send_all(
        self, socket: aiohttp.ClientWebSocketResponse, participant_id: str, line: Line
    ) -> None:
        told = False
        async for chunk in line.chunks():
            if not told:
                about = {"participant": participant_id, "t": chunk.t}
                form = {"rate": PCM_RATE, "format": "s16le", "channels": 1}
                await socket.send_json(about | form)
            told = True
            await socket.send_bytes(chunk.samples.astype("<i2").tobytes())


async def _say(socket: aiohttp.ClientWebSocketResponse, **said: Any) -> None:
    # one on its way out: whoever carries the sound tries again
    with suppress(aiohttp.ClientError, ConnectionError):
        await socket.send_json(said)

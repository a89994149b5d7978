"""The captions' websocket: the lines so far, then each change as it is heard."""

import asyncio
import json
from typing import Any
from urllib.parse import parse_qs

from channels.db import database_sync_to_async
from channels.generic.websocket import AsyncWebsocketConsumer

from meetings.access import may_watch
from meetings.models import Meeting
from transcription import live, serving
from transcription.hub import Hub, Overflow, Viewer

RECHECK_SECONDS = 3.0  # a revoked guest reads on for at most this long
REVOKED, TRY_AGAIN = 4403, 1013


class CaptionConsumer(AsyncWebsocketConsumer):
    """Read only. ``?since=SEQ`` resumes: newer states of lines, none twice."""

    hub: Hub | None = None
    viewer: Viewer | None = None
    over: int | None = None  # id of a meeting that is over: its hub is ours to close
    tasks: tuple[asyncio.Task[None], ...] = ()

    async def connect(self) -> None:
        code = self.scope["url_route"]["kwargs"]["code"]
        meeting = await self._meeting(code)
        if meeting is None:
            await self.close()  # before accept: the handshake is answered with 403
            return
        await self.accept()
        self.over = meeting.pk if meeting.is_over else None
        self.hub = await database_sync_to_async(live.hubs.get)(meeting.pk)
        hello = await self._hello(meeting)
        self.viewer, missed = self.hub.join(_since(self.scope["query_string"]))
        await self.send(hello)
        for text in missed:
            await self.send(text)
        self.tasks = (
            asyncio.create_task(self._forward(self.viewer)),
            asyncio.create_task(self._recheck(code)),
        )

    async def disconnect(self, code: int) -> None:
        for task in self.tasks:
            task.cancel()
        if self.hub and self.viewer:
            self.hub.leave(self.viewer)
            self.viewer = None
        if self.over:
            await database_sync_to_async(live.hubs.close)(self.over)

    async def _forward(self, viewer: Viewer) -> None:
        try:
            while True:
                text = await viewer.next()
                # Straight to the server: the base class would add a dict per viewer.
                await self.base_send({"type": "websocket.send", "text": text})
        except Overflow:
            await self.close(TRY_AGAIN)

    async def _recheck(self, code: str) -> None:
        while True:
            await asyncio.sleep(RECHECK_SECONDS)
            if await self._meeting(code) is None:
                await self.close(REVOKED)
                return

    @database_sync_to_async
    def _meeting(self, code: str) -> Meeting | None:
        return may_watch(self.scope["user"], self.scope["session"], code)

    @database_sync_to_async
    def _hello(self, meeting: Meeting) -> str:
        return _hello_text(meeting, self.hub.seq if self.hub else 0)


def _hello_text(meeting: Meeting, seq: int) -> str:
    people: list[dict[str, Any]] = [
        {
            "id": person.pk,
            "name": person.name,
            "colour": person.colour,
            "recorded": person.is_recorded,
        }
        for person in meeting.participants.all()
    ]
    hello = {
        "type": "hello",
        "people": people,
        "model": {"name": serving.status()["model"]},
        "note": serving.no_captions(),
        "seq": seq,
    }
    return json.dumps(hello)


def _since(query: bytes) -> int:
    value = parse_qs(query.decode("latin-1")).get("since", ["0"])[0]
    return int(value) if value.isascii() and value.isdigit() else 0

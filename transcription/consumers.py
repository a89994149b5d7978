"""The captions' websocket: the lines so far, then each change as it is heard."""

import asyncio
import json
from typing import Any
from urllib.parse import parse_qs

from meetings.access import may_watch
from meetings.models import Meeting
from meetings.sockets import TRY_AGAIN, WatchedSocket, in_database
from transcription import live, serving
from transcription.hub import Hub, Viewer

LONGEST_SINCE = 20  # digits of a sequence number


class CaptionConsumer(WatchedSocket):
    """Read only. ``?since=SEQ`` resumes: newer states of lines, none twice."""

    hub: Hub | None = None
    viewer: Viewer | None = None
    over: int | None = None  # id of a meeting that is over: its hub is ours to close

    async def connect(self) -> None:
        meeting = await self._meeting()
        if meeting is None:
            await self.close()  # before accept: the handshake is answered with 403
            return
        self.meeting_id = meeting.pk
        await self.accept()
        self.over = meeting.pk if meeting.is_over else None
        self.hub = await in_database(live.current().hubs.get)(meeting.pk)
        hello = await self._hello(meeting)
        self.viewer, missed = self.hub.join(_since(self.scope["query_string"]))
        await self.send(hello)
        for text in missed:
            await self.send(text)
        viewer = self.viewer
        for work in (self._forward(viewer), self._let_go(viewer), self.watch()):
            self.tasks.append(asyncio.create_task(work))

    async def disconnect(self, code: int) -> None:
        if self.hub and self.viewer:
            self.hub.leave(self.viewer)
            self.viewer = None
        if self.over:
            await in_database(live.current().hubs.close)(self.over)

    async def _forward(self, viewer: Viewer) -> None:
        while True:
            text = await viewer.next()
            # Straight to the server: the base class would add a dict per viewer.
            await self.base_send({"type": "websocket.send", "text": text})

    async def _let_go(self, viewer: Viewer) -> None:
        """Close for who is too slow even for finals: sending waits for him."""
        await viewer.lost.wait()
        await self.close(TRY_AGAIN)

    async def may_stay(self) -> bool:
        return await self._meeting() is not None

    async def _meeting(self) -> Meeting | None:
        user, session = await self.visitor()
        code = self.scope["url_route"]["kwargs"]["code"]
        look = in_database(may_watch)
        meeting: Meeting | None = await look(user, session, code)
        return meeting

    @in_database
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
    model = serving.status()
    hello = {
        "type": "hello",
        "people": people,
        "model": {"name": model["model"]},
        "note": serving.no_captions(model),
        "seq": seq,
    }
    return json.dumps(hello)


def _since(query: bytes) -> int:
    value = parse_qs(query.decode("latin-1")).get("since", ["0"])[0]
    known = value.isascii() and value.isdigit() and len(value) <= LONGEST_SINCE
    return int(value) if known else 0

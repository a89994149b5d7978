"""The captions' websocket: the lines so far, then each change as it is heard."""

import asyncio
import json
from typing import Any
from urllib.parse import parse_qs

from meetings.access import Reader, reader_of
from meetings.models import Participant
from meetings.sockets import FULL, TRY_AGAIN, WatchedSocket, in_database
from transcription.live import live_captions
from transcription.live.hub import Full, Hub, Viewer
from transcription.serving import sentences, server

LONGEST_SINCE = 20  # digits of a sequence number


class CaptionConsumer(WatchedSocket):
    """Read only. ``?since=SEQ`` resumes: newer states of lines, none twice."""

    at_holder = True
    hub: Hub | None = None
    viewer: Viewer | None = None
    over: int | None = None  # id of a meeting that is over: its hub is ours to close

    async def connect(self) -> None:
        reader = await self._reader()
        if reader is None:
            await self.close()  # before accept: the handshake is answered with 403
            return
        meeting = reader.meeting
        self.meeting_id = meeting.pk
        await self.accept()
        self.over = meeting.pk if meeting.is_over else None
        self.hub = await in_database(live_captions.current().hubs.get)(meeting.pk)
        hello = await self._hello(reader)
        try:
            since = _since(self.scope["query_string"])
            self.viewer, missed = self.hub.join(since, reader.name, reader.from_ms)
        except Full:
            await self.close(FULL)
            return
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
            await in_database(live_captions.current().hubs.close)(self.over)

    def hear(self, event: dict[str, Any]) -> None:
        """Lines of sound that was handed in, perhaps written by another process."""
        if event["type"] == "captions" and self.hub:
            self.hub.add(event["captions"])

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
        return await self._reader() is not None

    async def _reader(self) -> Reader | None:
        user, session = await self.visitor()
        code = self.scope["url_route"]["kwargs"]["code"]
        look = in_database(reader_of)
        reader: Reader | None = await look(user, session, code)
        return reader

    @in_database
    def _hello(self, reader: Reader) -> str:
        return _hello_text(reader, self.hub.seq if self.hub else 0)


def _hello_text(reader: Reader, seq: int) -> str:
    meeting = reader.meeting
    people: list[dict[str, Any]] = [
        {
            "id": person.pk,
            "name": person.name,
            "colour": person.colour,
            "recorded": person.is_recorded,
        }
        for person in meeting.participants.all()
        if _was_here(person, reader)
    ]
    model = server.here().status()
    hello = {
        "type": "hello",
        "people": people,
        "model": {"name": model["model"]},
        "note": sentences.no_captions(model),
        "seq": seq,
    }
    return json.dumps(hello)


def _was_here(person: Participant, reader: Reader) -> bool:
    """Whether the person was still there when the reader came."""
    left = person.left_at
    return left is None or reader.meeting.clock_ms(left) >= reader.from_ms


def _since(query: bytes) -> int:
    value = parse_qs(query.decode("latin-1")).get("since", ["0"])[0]
    known = value.isascii() and value.isdigit() and len(value) <= LONGEST_SINCE
    return int(value) if known else 0

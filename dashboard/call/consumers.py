"""The call page's websocket: what jobs and other people change, as it happens."""

import asyncio
from typing import Any

from django.http import Http404

from dashboard.call import state
from meetings.access import get_meeting_for
from meetings.sockets import NO_RIGHT, Outbox, WatchedSocket, in_database


class CallConsumer(Outbox, WatchedSocket):
    """Out only: ``state.hello``, then the meeting's events (see meetings.events)."""

    async def connect(self) -> None:
        # Events are heard from here on: what changes meanwhile is told twice at most.
        self.meeting_id = await self._meeting_id()
        if self.meeting_id is None:
            await self.close(NO_RIGHT)
            return
        await self.accept()
        await self._say_hello()
        for work in (self.pump(), self.watch()):
            self.tasks.append(asyncio.create_task(work))

    def hear(self, event: dict[str, Any]) -> None:
        if self.meeting_id is not None:
            self.put(event)

    def hear_all(self) -> None:
        if self.meeting_id is not None:
            self.put({"type": "hello"})

    async def say(self, message: dict[str, Any]) -> None:
        """How things stand is looked up when its turn comes."""
        if message == {"type": "hello"}:
            await self._say_hello()
        else:
            await super().say(message)

    async def _say_hello(self) -> None:
        assert self.meeting_id is not None
        await super().say(await in_database(state.hello)(self.meeting_id))

    async def may_stay(self) -> bool:
        return await self._meeting_id() is not None

    async def put_out(self) -> None:
        await self.close(NO_RIGHT)

    async def _meeting_id(self) -> int | None:
        user, _ = await self.visitor()
        try:
            find = in_database(get_meeting_for)
            meeting = await find(user, self.scope["url_route"]["kwargs"]["code"])
        except Http404:
            return None
        return int(meeting.pk)

"""The call page's websocket: what jobs and other people change, as it happens."""

import asyncio
from typing import Any

from channels.auth import get_user
from channels.db import database_sync_to_async
from channels.generic.websocket import AsyncJsonWebsocketConsumer
from django.http import Http404

from dashboard import state
from meetings.access import get_meeting_for
from meetings.events import group_of

NO_RIGHT = 4404
RECHECK_SECONDS = 60.0


class CallConsumer(AsyncJsonWebsocketConsumer):
    """Out only: ``state.hello``, then the meeting's events (see meetings.events)."""

    group = ""
    watch: asyncio.Task[None] | None = None

    async def connect(self) -> None:
        meeting_id = await self._meeting_id()
        if meeting_id is None:
            await self.close(NO_RIGHT)
            return
        self.group = group_of(meeting_id)
        # Into the group first: what changes meanwhile is told twice, never missed.
        await self.channel_layer.group_add(self.group, self.channel_name)
        await self.accept()
        await self.send_json(await database_sync_to_async(state.hello)(meeting_id))
        self.watch = asyncio.create_task(self._recheck())

    async def disconnect(self, code: int) -> None:
        if self.watch:
            self.watch.cancel()
        if self.group:
            await self.channel_layer.group_discard(self.group, self.channel_name)

    async def meeting_event(self, message: dict[str, Any]) -> None:
        await self.send_json(message["event"])

    async def _recheck(self) -> None:
        while True:
            await asyncio.sleep(RECHECK_SECONDS)
            if await self._meeting_id() is None:
                await self.close(NO_RIGHT)
                return

    async def _meeting_id(self) -> int | None:
        """From the database, so that signing out and lost rights count."""
        session = self.scope["session"]
        fresh = type(session._wrapped)(session.session_key)
        user = await get_user({**self.scope, "session": fresh})
        try:
            find = database_sync_to_async(get_meeting_for)
            meeting = await find(user, self.scope["url_route"]["kwargs"]["code"])
        except Http404:
            return None
        return int(meeting.pk)

"""The call page's websocket: what jobs and other people change, as it happens."""

import asyncio
import json
from typing import Any

from channels import DEFAULT_CHANNEL_LAYER
from channels.db import database_sync_to_async
from django.http import Http404

from dashboard import state
from meetings.access import get_meeting_for
from meetings.events import group_of
from meetings.sockets import NO_RIGHT, WatchedSocket


class CallConsumer(WatchedSocket):
    """Out only: ``state.hello``, then the meeting's events (see meetings.events)."""

    channel_layer_alias = DEFAULT_CHANNEL_LAYER
    group = ""

    async def connect(self) -> None:
        self.meeting_id = meeting_id = await self._meeting_id()
        if meeting_id is None:
            await self.close(NO_RIGHT)
            return
        self.group = group_of(meeting_id)
        # Into the group first: what changes meanwhile is told twice, never missed.
        await self.channel_layer.group_add(self.group, self.channel_name)
        await self.accept()
        await self._say(await database_sync_to_async(state.hello)(meeting_id))
        self.tasks.append(asyncio.create_task(self.watch()))

    async def disconnect(self, code: int) -> None:
        if self.group:
            await self.channel_layer.group_discard(self.group, self.channel_name)

    async def meeting_event(self, message: dict[str, Any]) -> None:
        await self._say(message["event"])

    async def _say(self, message: dict[str, Any]) -> None:
        await self.send(json.dumps(message))

    async def may_stay(self) -> bool:
        return await self._meeting_id() is not None

    async def put_out(self) -> None:
        await self.close(NO_RIGHT)

    async def _meeting_id(self) -> int | None:
        user, _ = await self.visitor()
        try:
            find = database_sync_to_async(get_meeting_for)
            meeting = await find(user, self.scope["url_route"]["kwargs"]["code"])
        except Http404:
            return None
        return int(meeting.pk)

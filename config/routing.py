"""Websocket addresses."""

from typing import Any

from django.urls import path, re_path

from dashboard.call.consumers import CallConsumer
from meetings.rooms.consumers import RoomConsumer
from transcription.live.consumers import CaptionConsumer


async def nowhere(scope: Any, receive: Any, send: Any) -> None:
    """Refuse what nothing is at: without it, Channels raises for any path."""
    await send({"type": "websocket.close"})


urlpatterns = [
    path("ws/room/<slug:code>/", RoomConsumer.as_asgi()),
    path("ws/captions/<slug:code>/", CaptionConsumer.as_asgi()),
    path("ws/calls/<slug:code>/", CallConsumer.as_asgi()),
    re_path(r"", nowhere),  # type: ignore[arg-type]
]

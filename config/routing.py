"""Websocket addresses."""

from django.urls import path

from dashboard.consumers import CallConsumer
from meetings.consumers import RoomConsumer
from transcription.consumers import CaptionConsumer

urlpatterns = [
    path("ws/room/<slug:code>/", RoomConsumer.as_asgi()),
    path("ws/captions/<slug:code>/", CaptionConsumer.as_asgi()),
    path("ws/calls/<slug:code>/", CallConsumer.as_asgi()),
]

"""Who spoke when, for the list of calls."""

from typing import Any

from django.db import models

from meetings.models import Meeting


class TalkStrip(models.Model):
    """Who spoke when in a call, as the list of meetings draws it; made by the index."""

    meeting = models.OneToOneField(
        Meeting, models.CASCADE, primary_key=True, related_name="talk_strip"
    )
    paths: Any = models.JSONField(help_text="[[colour, SVG path], ...], a lane each")
    version = models.PositiveSmallIntegerField(
        default=0, help_text="Of the index that made it, and the call's turns"
    )

    def __str__(self) -> str:
        return f"Strip of {self.meeting}"

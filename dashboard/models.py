"""Rows of the review side: what search reads."""

from typing import Any

from django.db import models

from meetings.models import Meeting, Participant


class Turn(models.Model):
    """Lines of one person that follow each other: the unit that search finds.

    A phrase is found across the lines of a turn. ``normal`` is the text as the index
    of either database reads it (see dashboard.search.normal).
    """

    meeting = models.ForeignKey(Meeting, models.CASCADE, related_name="turns")
    participant = models.ForeignKey(Participant, models.CASCADE, related_name="turns")
    start_ms = models.PositiveBigIntegerField()
    end_ms = models.PositiveBigIntegerField()
    text = models.TextField()
    words = models.JSONField(
        default=list, help_text="[[position in text, start_ms], ...] in order"
    )
    normal = models.TextField()

    class Meta:
        ordering = ["start_ms", "pk"]
        indexes = [models.Index(fields=["meeting", "start_ms"])]

    def __str__(self) -> str:
        return f"{self.participant}: {self.text[:60]}"


class TalkStrip(models.Model):
    """Who spoke when in a call, as the list of meetings draws it; made by the index."""

    meeting = models.OneToOneField(
        Meeting, models.CASCADE, primary_key=True, related_name="talk_strip"
    )
    paths: Any = models.JSONField(help_text="[[colour, SVG path], ...], a lane each")

    def __str__(self) -> str:
        return f"Strip of {self.meeting}"

"""Moments of a call that somebody wants to find again."""

from django.conf import settings
from django.db import models

from meetings.models import Meeting


class Bookmark(models.Model):
    """A moment, kept by ``user`` and shown to nobody else.

    It has no words of its own: what was said there is read from the lines.
    """

    meeting = models.ForeignKey(Meeting, models.CASCADE, related_name="bookmarks")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="bookmarks"
    )
    at_ms = models.PositiveIntegerField()

    class Meta:
        ordering = ["at_ms"]
        constraints = [
            models.UniqueConstraint(
                fields=["meeting", "user", "at_ms"], name="one_bookmark_per_moment"
            )
        ]

    def __str__(self) -> str:
        return f"{self.at_ms} ms of {self.meeting_id}"

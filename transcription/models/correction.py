"""What people changed in a call after it was written down, so that it can be undone."""

import uuid
from typing import Any

from django.conf import settings
from django.db import models
from django.utils import timezone

from meetings.models import Meeting, Participant

from .utterance import Utterance


class CorrectionQuerySet(models.QuerySet["Correction"]):
    def in_force(self) -> "CorrectionQuerySet":
        return self.filter(undone_at=None)


class Correction(models.Model):
    """One thing that somebody changed: a line's words, who said it, who a person was.

    ``before`` and ``after`` hold what the kind changes, and people by their ids: names
    stand in rows of the person whom they name, and go with them.
    """

    class Kind(models.TextChoices):
        TEXT = "text", "Words"  # {text, words}
        SPEAKER = "speaker", "Who said it"  # {participant}, after: is_new
        PERSON = "person", "Person"  # {name, side}
        JOIN = "join", "Two people are one"  # {participant}, ids of what moved

    OF_LINES = (Kind.TEXT, Kind.SPEAKER)

    meeting = models.ForeignKey(Meeting, models.CASCADE, related_name="corrections")
    participant = models.ForeignKey(
        Participant,
        models.CASCADE,
        related_name="corrections",
        help_text="Whose words or name it is now",
    )
    heard_from = models.ForeignKey(
        Participant,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        help_text="On whose track a line was heard that is somebody else's now",
    )
    utterance = models.ForeignKey(
        Utterance, models.SET_NULL, null=True, blank=True, related_name="corrections"
    )
    kind = models.CharField(max_length=10, choices=Kind)
    change = models.UUIDField(
        default=uuid.uuid4, help_text="The same for all that one person did at once"
    )
    before: Any = models.JSONField(default=dict)
    after: Any = models.JSONField(default=dict)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
    )
    at = models.DateTimeField(default=timezone.now)
    undone_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
    )
    undone_at = models.DateTimeField(null=True, blank=True)

    objects = CorrectionQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]
        indexes = [models.Index(fields=["meeting", "change"])]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}, {self.at:%d %B %Y, %H:%M}"

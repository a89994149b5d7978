"""Addresses at which programs play a call."""

import uuid

from django.conf import settings
from django.db import models
from django.utils import timezone

from .meeting import Meeting


class Outlet(models.Model):
    """One way out for those who are not in the call: by address and token, until it is
    taken back, expires, or the call is over."""

    class Kind(models.TextChoices):
        WHEP = "whep", "WHEP"
        HLS = "hls", "HLS"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    meeting = models.ForeignKey(Meeting, models.CASCADE, related_name="outlets")
    kind = models.CharField(max_length=4, choices=Kind)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True
    )
    created_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField()
    playing = models.PositiveIntegerField(
        default=0, help_text="How many play it, where that is known"
    )

    class Meta:
        verbose_name = "playback address"
        verbose_name_plural = "playback addresses"
        ordering = ["created_at"]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} address of {self.meeting}"

    @property
    def is_usable(self) -> bool:
        return self.meeting.accepts_people and timezone.now() < self.expires_at

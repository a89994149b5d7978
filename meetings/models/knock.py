"""Who waits to be let into a call."""

from django.conf import settings
from django.db import models
from django.utils import timezone

from .meeting import Meeting
from .names import NameField
from .participant import GuestLink, Participant


class Knock(models.Model):
    """Somebody at the door of a call with a waiting room: no participant yet.

    It goes when they are in, and when the call ends: of who was not let in nothing
    is kept.
    """

    meeting = models.ForeignKey(Meeting, models.CASCADE, related_name="knocks")
    link = models.ForeignKey(GuestLink, models.CASCADE)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, null=True, blank=True
    )
    name = NameField(max_length=80)
    choice = models.CharField(max_length=12, choices=Participant.Consent)
    text_version = models.CharField(max_length=20)
    since = models.DateTimeField(default=timezone.now)
    seen_at = models.DateTimeField(
        default=timezone.now, help_text="When the page that waits asked last"
    )
    let_in_at = models.DateTimeField(null=True, blank=True)
    refused_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"{self.name} at the door of {self.meeting}"

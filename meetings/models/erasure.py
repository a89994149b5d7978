"""The log of people whose data was deleted: that it was done, by whom and when."""

from django.conf import settings
from django.db import models
from django.utils import timezone

from .meeting import Meeting


class Erasure(models.Model):
    """One person of one meeting, never who it was. Stays when the meeting goes."""

    meeting = models.ForeignKey(
        Meeting, models.SET_NULL, null=True, blank=True, related_name="erasures"
    )
    code = models.CharField(max_length=16, help_text="Of the meeting")
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True
    )
    by_name = models.CharField(max_length=254)
    asked_at = models.DateTimeField(default=timezone.now)
    rows = models.PositiveIntegerField(default=0, help_text="Deleted at once")
    files = models.PositiveIntegerField(default=0, help_text="Deleted by the job")
    done_at = models.DateTimeField(
        null=True,
        blank=True,
        help_text="The folder, the index and the database's file were cleaned",
    )

    class Meta:
        verbose_name, verbose_name_plural = "deleted person", "deleted people"
        ordering = ["-asked_at"]

    def __str__(self) -> str:
        return f"A person of {self.code}"

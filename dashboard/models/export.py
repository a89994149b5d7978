"""Calls that somebody takes out of Earshot, as one file."""

from datetime import datetime, timedelta
from pathlib import Path

from django.conf import settings
from django.db import models
from django.utils import timezone

from meetings.models import Job, Meeting

KEPT = timedelta(days=2)  # that a file waits to be fetched


class Export(models.Model):
    """One order: whose, which calls, and how far it is. Its file lies in ``folder``."""

    class Scope(models.TextChoices):
        CALL = "call", "One call"
        MINE = "mine", "My calls"
        ALL = "all", "All calls that I can see"
        SEARCH = "search", "What a search finds"

    class Gone(models.TextChoices):
        CANCELLED = "cancelled", "Cancelled"
        WITHDRAWN = "withdrawn", "Deleted: something in it was deleted meanwhile"
        EXPIRED = "expired", "Deleted: it was kept for two days"

    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="exports"
    )
    scope = models.CharField(max_length=10, choices=Scope)
    meeting = models.ForeignKey(
        Meeting, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    query = models.TextField(blank=True, help_text="Of the search")
    documents = models.BooleanField(default=True, help_text="Word and PDF")
    sound = models.BooleanField(default=True)
    video = models.BooleanField(default=True)
    job = models.ForeignKey(
        Job, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    packed = models.ManyToManyField(
        Meeting, related_name="+", help_text="Calls of which anything is in the file"
    )
    calls = models.PositiveIntegerField(default=0, help_text="In the file")
    size = models.PositiveBigIntegerField(default=0, help_text="Bytes of the file")
    file = models.CharField(
        max_length=200, blank=True, help_text="What it is called; empty until whole"
    )
    gone = models.CharField(max_length=10, choices=Gone, blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = "calls taken out"
        verbose_name_plural = "calls taken out"
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"{self.get_scope_display()}, {self.created_at:%d %B %Y, %H:%M}"

    @property
    def folder(self) -> Path:
        path: Path = settings.RECORDINGS_DIR / "exports" / str(self.pk)
        return path

    @property
    def path(self) -> Path:
        """The whole file."""
        return self.folder / "calls.zip"

    @property
    def is_ready(self) -> bool:
        return bool(self.file) and not self.gone

    @property
    def is_at_work(self) -> bool:
        """Whether it waits or is packed; what failed is neither."""
        ended = self.gone or self.file or self.job is None or self.job.is_finished
        return not ended

    @property
    def has_failed(self) -> bool:
        return not (self.gone or self.file or self.is_at_work)

    @property
    def expires_at(self) -> datetime:
        return (self.finished_at or self.created_at) + KEPT

    @property
    def percent(self) -> int:
        return round(100 * self.job.progress) if self.job else 0

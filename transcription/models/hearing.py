"""Old calls that are heard again, one after the other, the newest first."""

from django.conf import settings
from django.db import models
from django.utils import timezone

from meetings.models import Job, Meeting


class HearingAgain(models.Model):
    """One order for many calls. One of them at a time has a job: a call that has just
    ended waits for one old call at most."""

    class State(models.TextChoices):
        GOING = "going", "Going on"
        PAUSED = "paused", "Paused"
        DONE = "done", "Done"
        CANCELLED = "cancelled", "Cancelled"

    UNFINISHED = (State.GOING, State.PAUSED)

    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.CASCADE,
        null=True,
        blank=True,
        related_name="+",
        help_text="None: the command line",
    )
    what = models.CharField(max_length=600, help_text="Which calls, for people")
    state = models.CharField(max_length=10, choices=State, default=State.GOING)
    created_at = models.DateTimeField(default=timezone.now)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "calls heard again"
        ordering = ["-pk"]

    def __str__(self) -> str:
        return self.what

    @property
    def is_unfinished(self) -> bool:
        return self.state in self.UNFINISHED


class CallToHear(models.Model):
    """A call of an order; in the order of ids."""

    hearing = models.ForeignKey(HearingAgain, models.CASCADE, related_name="calls")
    meeting = models.ForeignKey(Meeting, models.CASCADE, related_name="+")
    job = models.ForeignKey(
        Job, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    done_at = models.DateTimeField(null=True, blank=True)
    failed = models.BooleanField(default=False)

    class Meta:
        ordering = ["pk"]
        indexes = [models.Index(fields=["hearing", "done_at"])]

    def __str__(self) -> str:
        return f"{self.meeting}, to be heard again"


class EarlierLine(models.Model):
    """A line as it was before the newest pass over its call; goes with its person."""

    meeting = models.ForeignKey(Meeting, models.CASCADE, related_name="earlier_lines")
    participant = models.ForeignKey(
        "meetings.Participant", models.CASCADE, related_name="earlier_lines"
    )
    job = models.PositiveBigIntegerField(help_text="Of the pass that came after it")
    start_ms = models.PositiveBigIntegerField()
    end_ms = models.PositiveBigIntegerField()
    text = models.TextField()
    model = models.CharField(max_length=120, blank=True)
    at = models.DateTimeField(default=timezone.now, db_index=True)

    class Meta:
        verbose_name = "earlier line"
        ordering = ["start_ms", "pk"]
        indexes = [models.Index(fields=["meeting", "start_ms"])]

    def __str__(self) -> str:
        return self.text[:60]

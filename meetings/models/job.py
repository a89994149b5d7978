"""Work that outlives a request. The row is the truth; Redis is only a hint."""

from datetime import timedelta
from typing import ClassVar, cast

from django.db import models
from django.utils import timezone

from .meeting import Meeting

HEARTBEAT = timedelta(seconds=5)
STALE = timedelta(seconds=30)  # a runner that is silent this long is dead
ATTEMPTS = 3


class Job(models.Model):
    class State(models.TextChoices):
        QUEUED = "queued", "Waiting"
        RUNNING = "running", "Running"
        DONE = "done", "Done"
        FAILED = "failed", "Failed"

    MOVES: ClassVar[dict[str, set[str]]] = {
        State.QUEUED: {State.RUNNING},
        State.RUNNING: {State.DONE, State.FAILED, State.QUEUED},
        State.DONE: set(),
        State.FAILED: {State.QUEUED},
    }
    UNFINISHED = (State.QUEUED, State.RUNNING)

    # Work of the whole site is of no call; a kind is of one sort or the other, and what
    # works on a call may rely on it.
    meeting = cast(
        "models.ForeignKey[Meeting, Meeting]",
        models.ForeignKey(
            Meeting, models.CASCADE, null=True, blank=True, related_name="jobs"
        ),
    )
    kind = models.CharField(max_length=40)
    state = models.CharField(max_length=10, choices=State, default=State.QUEUED)
    progress = models.FloatField(default=0, help_text="0 to 1")
    error = models.CharField(max_length=300, blank=True)
    attempt = models.PositiveSmallIntegerField(default=0)
    runner = models.CharField(
        max_length=100, blank=True, help_text="Process that runs it"
    )
    payload = models.JSONField(default=dict, blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    started_at = models.DateTimeField(null=True, blank=True)
    heartbeat_at = models.DateTimeField(default=timezone.now)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["pk"]
        indexes = [
            models.Index(fields=["state", "heartbeat_at"]),
            models.Index(fields=["kind", "state"], name="jobs_by_kind_and_state"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} of {self.meeting or 'the site'}"

    @property
    def is_finished(self) -> bool:
        return self.state not in self.UNFINISHED

"""What was said: utterances with their words, and what the filters took away."""

from typing import Self

from django.contrib.auth.models import AbstractBaseUser, AnonymousUser
from django.db import models
from django.utils import timezone

from meetings.models import Meeting, Participant


class UtteranceQuerySet(models.QuerySet["Utterance"]):
    def visible_to(self, user: AbstractBaseUser | AnonymousUser) -> Self:
        return self.filter(meeting__in=Meeting.objects.visible_to(user))


class Utterance(models.Model):
    """What one person said in one breath, on the meeting's clock."""

    class Pass(models.TextChoices):
        LIVE = "live", "Live"
        FINAL = "final", "Second pass"

    meeting = models.ForeignKey(Meeting, models.CASCADE, related_name="utterances")
    participant = models.ForeignKey(
        Participant, models.CASCADE, related_name="utterances"
    )
    start_ms = models.PositiveBigIntegerField()
    end_ms = models.PositiveBigIntegerField()
    text = models.TextField()
    raw = models.TextField(blank=True, help_text="What the model wrote")
    words = models.JSONField(
        default=list, blank=True, help_text='[["Hello", start_ms, end_ms, probability]]'
    )
    transcript_pass = models.CharField(max_length=6, choices=Pass, default=Pass.LIVE)
    language = models.CharField(max_length=12, blank=True)
    confidence = models.FloatField(default=0)
    caption_id = models.CharField(
        max_length=40, blank=True, help_text="Id of the live caption"
    )
    latency_ms = models.FloatField(
        null=True, blank=True, help_text="Newest sound used to caption sent"
    )
    updated_at = models.DateTimeField(auto_now=True)

    objects = UtteranceQuerySet.as_manager()

    class Meta:
        verbose_name = "line"
        ordering = ["start_ms", "pk"]
        indexes = [models.Index(fields=["meeting", "start_ms"])]
        constraints = [
            models.UniqueConstraint(
                fields=["meeting", "caption_id"],
                condition=~models.Q(caption_id=""),
                name="one_line_per_caption",
            )
        ]

    def __str__(self) -> str:
        return f"{self.participant}: {self.text[:60]}"

    @property
    def is_final_pass(self) -> bool:
        return self.transcript_pass == self.Pass.FINAL


# What a reader is told of why text went; the keys are the filters' own words.
REASONS = {
    "no speech": "no voice in the sound",
    "loop": "the same words again and again",
    "script": "letters of another script",
    "ambiguous phrase": "often written where nobody spoke, and there was little voice",
    "known phrase": "often written where nobody spoke",
    "second_pass": "not heard when the recording was listened to again",
}


class Removal(models.Model):
    """The ledger: text the filters took away, and why. Nothing goes unrecorded."""

    meeting = models.ForeignKey(Meeting, models.CASCADE, related_name="removals")
    participant = models.ForeignKey(
        Participant, models.CASCADE, related_name="removals"
    )
    utterance = models.ForeignKey(
        Utterance, models.SET_NULL, null=True, blank=True, related_name="removals"
    )
    raw = models.TextField()
    reason = models.CharField(max_length=40)
    start_ms = models.PositiveBigIntegerField()
    end_ms = models.PositiveBigIntegerField()
    evidence = models.JSONField(default=dict, blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    restored_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = "removed line"
        ordering = ["start_ms", "pk"]

    def __str__(self) -> str:
        return f"{self.reason}: {self.raw[:60]}"

    @property
    def why(self) -> str:
        """The reason, for a reader."""
        return REASONS.get(self.reason, self.reason)

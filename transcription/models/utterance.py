"""What was said: utterances with their words, and what the filters took away."""

from typing import Self

from django.contrib.auth.models import AbstractBaseUser, AnonymousUser
from django.db import models
from django.utils import timezone

from meetings.models import Meeting, Participant


class UtteranceQuerySet(models.QuerySet["Utterance"]):
    def visible_to(self, user: AbstractBaseUser | AnonymousUser) -> Self:
        return self.filter(meeting__in=Meeting.objects.visible_to(user))

    def vouched_for(self) -> Self:
        """What a person corrected or restored: no pass of a model changes it."""
        corrected = models.Q(
            corrections__kind__in=("text", "speaker"),
            corrections__undone_at=None,
        )
        restored = models.Q(removals__restored_at__isnull=False)
        return self.filter(pk__in=self.filter(corrected | restored).values("pk"))

    def heard_from(self, speaker: Participant) -> Self:
        """Lines of somebody's track: with those that a person gave to another, without
        those that were given to them. A track may be shared: see SharedTrack."""
        given = self.filter(
            corrections__heard_from__isnull=False, corrections__undone_at=None
        )
        theirs = models.Q(corrections__heard_from=speaker)
        theirs |= models.Q(corrections__heard_from__joined_to=speaker)
        theirs |= models.Q(corrections__heard_from__heard_on=speaker)
        own = models.Q(participant=speaker) | models.Q(participant__heard_on=speaker)
        own &= ~models.Q(pk__in=given.values("pk"))
        return self.filter(own | models.Q(pk__in=given.filter(theirs).values("pk")))


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
    voice = models.JSONField(
        default=list,
        blank=True,
        help_text="[[start_ms, end_ms]]: where voice was heard, without padding",
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
    model = models.CharField(
        max_length=120, blank=True, help_text="Which one heard it, and its revision"
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
    "echo": "heard louder on another track at the same time",
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

"""What a language model wrote of calls, sentence by sentence with its moments."""

from django.conf import settings
from django.db import models
from django.utils import timezone

from meetings.models import Meeting, Participant


class ModelDraft(models.Model):
    """A summary of one call, or an answer to a question about several.

    Kept are the words of the model, and of the calls only the moments: a sentence whose
    moments are gone, with their call or their person, is never shown and soon deleted.
    """

    class State(models.TextChoices):
        WAITING = "waiting", "Being written"
        DONE = "done", "Written"
        FAILED = "failed", "Not written"

    meeting = models.ForeignKey(
        Meeting,
        models.CASCADE,
        null=True,
        blank=True,
        related_name="drafts",
        help_text="Empty: an answer about several",
    )
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="drafts"
    )
    question = models.CharField(max_length=500, blank=True)
    query = models.CharField(
        max_length=500, blank=True, help_text="The search whose quotes were given"
    )
    server = models.CharField(max_length=200)
    model = models.CharField(max_length=200)
    state = models.CharField(max_length=10, choices=State, default=State.WAITING)
    error = models.CharField(max_length=200, blank=True)
    given = models.PositiveIntegerField(default=0, help_text="Lines it was given")
    created_at = models.DateTimeField(default=timezone.now)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-pk"]

    def __str__(self) -> str:
        return self.question or f"Draft of {self.meeting}"

    @property
    def is_waiting(self) -> bool:
        return self.state == self.State.WAITING


class DraftSentence(models.Model):
    """One sentence; the ones that the check left out are the ledger."""

    class Part(models.TextChoices):
        SUMMARY = "summary", "Summary"
        ACTIONS = "actions", "Action items"
        MAIL = "mail", "Follow-up mail"
        ANSWER = "answer", "Answer"

    draft = models.ForeignKey(ModelDraft, models.CASCADE, related_name="sentences")
    part = models.CharField(max_length=10, choices=Part)
    text = models.TextField()
    why = models.CharField(
        max_length=200, blank=True, help_text="Why it was left out; empty: shown"
    )
    cited = models.PositiveSmallIntegerField(default=0, help_text="Moments it had")

    class Meta:
        ordering = ["pk"]

    def __str__(self) -> str:
        return self.text[:60]


class DraftMoment(models.Model):
    """Where in a call a sentence comes from."""

    sentence = models.ForeignKey(DraftSentence, models.CASCADE, related_name="moments")
    meeting = models.ForeignKey(Meeting, models.CASCADE, related_name="+")
    participant = models.ForeignKey(Participant, models.CASCADE, related_name="+")
    start_ms = models.PositiveBigIntegerField()

    class Meta:
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"{self.participant} at {self.start_ms} ms"

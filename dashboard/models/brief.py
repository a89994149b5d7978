"""What people write into the brief of a call."""

from hashlib import sha1

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from meetings.models import Meeting, Participant

TEXT = 1_000  # characters of a line


class BriefLine(models.Model):
    """A line of a brief that somebody wrote, changed, ticked or took out.

    ``source`` is the sentence of the call that it stands for: found anew each time, it
    may be gone after another pass, and this line stays. Without one, it is all theirs.
    """

    class Section(models.TextChoices):
        STEPS = "steps", "Next steps"
        THEM = "them", "Questions of the customer"
        US = "us", "Our questions"
        ANYONE = "anyone", "Questions"  # of people on whose side nobody said they are
        CHAPTERS = "chapters", "Chapters"
        NOTES = "notes", "Notes"

    meeting = models.ForeignKey(Meeting, models.CASCADE, related_name="brief_lines")
    participant = models.ForeignKey(
        Participant,
        models.CASCADE,
        null=True,
        blank=True,
        related_name="brief_lines",
        help_text="Who said it",
    )
    section = models.CharField(max_length=10, choices=Section)
    start_ms = models.PositiveBigIntegerField(null=True, blank=True)
    end_ms = models.PositiveBigIntegerField(null=True, blank=True)
    source = models.CharField(max_length=TEXT, blank=True)
    sentence = models.CharField(
        max_length=40, blank=True, editable=False, help_text="Digest of the source"
    )
    text = models.CharField(max_length=TEXT)
    removed = models.BooleanField(default=False)
    done = models.BooleanField(default=False)
    version = models.PositiveIntegerField(default=1)
    changed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        related_name="brief_lines",
    )
    changed_at = models.DateTimeField(default=timezone.now)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        ordering = ["start_ms", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["meeting", "section", "start_ms", "sentence"],
                condition=~Q(sentence=""),
                name="one_line_per_sentence_of_a_brief",
            )
        ]

    def __str__(self) -> str:
        return self.text[:60]

    @classmethod
    def digest(cls, source: str) -> str:
        """A whole sentence is too long for an index of PostgreSQL."""
        return sha1(source.encode(), usedforsecurity=False).hexdigest()

    @property
    def is_own(self) -> bool:
        """Whether somebody's words stand here, not the call's."""
        return self.text != self.source

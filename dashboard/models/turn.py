"""What search reads of a call."""

from django.db import models

from meetings.models import Meeting, Participant


class Turn(models.Model):
    """Lines of one person that follow each other: the unit that search finds.

    A phrase is found across the lines of a turn. ``normal`` is the text as the index
    of either database reads it (see dashboard.search.normal).
    """

    meeting = models.ForeignKey(Meeting, models.CASCADE, related_name="turns")
    participant = models.ForeignKey(Participant, models.CASCADE, related_name="turns")
    start_ms = models.PositiveBigIntegerField()
    end_ms = models.PositiveBigIntegerField()
    text = models.TextField()
    words = models.JSONField(
        default=list, help_text="[[position in text, start_ms], ...] in order"
    )
    normal = models.TextField()
    language = models.CharField(max_length=12, blank=True)
    # What "has:" asks for; docs/search.md says what each means.
    question = models.BooleanField(default=False)
    commitment = models.BooleanField(default=False)
    number = models.BooleanField(default=False)
    crosstalk = models.BooleanField(default=False)
    removed = models.BooleanField(default=False)

    class Meta:
        ordering = ["start_ms", "pk"]
        indexes = [models.Index(fields=["meeting", "start_ms"])]

    def __str__(self) -> str:
        return f"{self.participant}: {self.text[:60]}"

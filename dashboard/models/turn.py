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


class IndexedTurn(models.Model):
    """What search asks of a turn, in a row so short that a block holds many of them.

    Triggers of the database write these rows with those of ``Turn``, and nothing else
    does. PostgreSQL has its word index here, over a column ``vector`` more.
    """

    turn = models.OneToOneField(
        Turn,
        models.DO_NOTHING,
        primary_key=True,
        db_constraint=False,
        related_name="+",
    )
    meeting = models.ForeignKey(
        Meeting,
        models.DO_NOTHING,
        db_constraint=False,
        db_index=False,
        related_name="+",
    )
    participant = models.ForeignKey(
        Participant, models.DO_NOTHING, db_constraint=False, related_name="+"
    )
    start_ms = models.PositiveBigIntegerField()
    language = models.CharField(max_length=12, blank=True)
    question = models.BooleanField()
    commitment = models.BooleanField()
    number = models.BooleanField()
    crosstalk = models.BooleanField()
    removed = models.BooleanField()

    class Meta:
        ordering = ["start_ms", "pk"]
        indexes = [models.Index(fields=["meeting", "start_ms"])]

    def __str__(self) -> str:
        return f"Turn {self.pk}"

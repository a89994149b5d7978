"""What calls and people are called, as search reads it."""

from django.db import models

from meetings.models import Meeting, Participant


class Label(models.Model):
    """The title of a call, or the name of somebody in it.

    ``normal``: its tokens between spaces, and one at either end, so that whole words
    are found by LIKE. Kept by dashboard.search.labels.
    """

    meeting = models.ForeignKey(Meeting, models.CASCADE, related_name="labels")
    participant = models.OneToOneField(
        Participant,
        models.CASCADE,
        null=True,
        related_name="label",
        help_text="Empty: the title of the call",
    )
    normal = models.TextField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["meeting"],
                condition=models.Q(participant=None),
                name="one_title_per_call",
            )
        ]

    def __str__(self) -> str:
        return self.normal.strip()

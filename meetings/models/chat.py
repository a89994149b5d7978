"""What people write to each other in a call."""

from django.db import models
from django.utils import timezone

from .names import one_line
from .participant import Participant


def tidy(text: str) -> str:
    """``text`` without what cannot be seen, line by line; one empty line at a time."""
    lines = [one_line(line) for line in text.splitlines()]
    kept = [line for n, line in enumerate(lines) if line or (n and lines[n - 1])]
    return "\n".join(kept).strip("\n")


class ChatMessage(models.Model):
    """One message, at its time on the meeting's clock. It goes with its person."""

    participant = models.ForeignKey(
        Participant, models.CASCADE, related_name="chat_messages"
    )
    at_ms = models.PositiveBigIntegerField(help_text="On the meeting's clock")
    text = models.TextField()
    key = models.CharField(
        max_length=36,
        editable=False,
        help_text="Made by the browser: what is sent again is not kept twice",
    )
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["participant", "key"], name="one_message_per_key"
            )
        ]

    def __str__(self) -> str:
        return f"{self.participant}: {self.text[:40]}"

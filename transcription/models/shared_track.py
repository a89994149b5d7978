"""Several people on one track: who of them spoke when."""

from typing import Any

from django.db import models

from meetings.models import Participant


class SharedTrack(models.Model):
    """What is known of who speaks on the track of ``seat``, which is nobody by itself.

    Turns are ``[[start_ms, end_ms, label]]`` on the meeting's clock: from a transcript
    beside the recording, or by the voices. No voiceprint is kept, and no text of the
    transcript once it is laid over the lines. People are found by their labels again.
    """

    seat = models.OneToOneField(
        Participant, models.CASCADE, primary_key=True, related_name="shared_track"
    )
    transcript = models.CharField(max_length=200, blank=True, help_text="File name")
    cues: Any = models.JSONField(
        default=dict,
        blank=True,
        help_text="{file, cues: [[start_ms, end_ms, name, text]]}: to be laid",
    )
    named_turns: Any = models.JSONField(null=True, blank=True)
    told = models.CharField(max_length=200, blank=True, help_text="Of its clock")
    problem = models.CharField(max_length=300, blank=True)
    voice_turns: Any = models.JSONField(
        null=True, blank=True, help_text="Null: not listened for yet"
    )
    by_voice = models.BooleanField(
        default=True, help_text="Tell people by their voices"
    )
    heard_for = models.PositiveSmallIntegerField(
        null=True, blank=True, help_text="The count that the voices were told apart by"
    )
    count = models.PositiveSmallIntegerField(
        null=True, blank=True, help_text="How many people speak, if somebody knows"
    )
    people: Any = models.JSONField(
        default=dict, blank=True, help_text="{label: {id, name, side}}"
    )
    pieces: Any = models.JSONField(
        default=dict,
        blank=True,
        help_text="{line: [[line, what stood between, its times]]}: to be one again",
    )

    def __str__(self) -> str:
        return f"Shared track of {self.seat}"

    @property
    def turns(self) -> list[tuple[int, int, str]]:
        """Those in force: a transcript knows better than voices."""
        rows = self.named_turns
        if rows is None:
            rows = self.voice_turns if self.by_voice else None
        return [(start, end, label) for start, end, label in rows or ()]

"""Programs and streams that send into a meeting, as if a person did."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils import timezone

from .meeting import Meeting
from .participant import Participant


class Source(models.Model):
    """One way in for sound that nobody speaks in a browser.

    Its sound is recorded as its participant's, who is made with it. The token is shown
    once; `url` may carry secrets: it stands in no list and in no log.
    """

    class Kind(models.TextChoices):
        WHIP = "whip", "WHIP"
        HLS = "hls", "HLS"
        SRT = "srt", "SRT"
        TAB = "tab", "Another tab"

    WITH_TOKEN: ClassVar = (Kind.WHIP, Kind.TAB)  # it comes by WHIP

    class State(models.TextChoices):
        INACTIVE = "inactive", "Inactive"
        BUFFERING = "buffering", "Buffering"
        PUBLISHING = "publishing", "Publishing"
        ERROR = "error", "Error"
        COMPLETE = "complete", "Complete"

    meeting = models.ForeignKey(Meeting, models.CASCADE, related_name="sources")
    participant = models.OneToOneField(
        Participant, models.CASCADE, related_name="source"
    )
    kind = models.CharField(max_length=4, choices=Kind)
    url = models.CharField(max_length=2000, blank=True, help_text="To pull from")
    token_digest = models.CharField(
        max_length=64, blank=True, editable=False, db_index=True
    )
    wanted = models.BooleanField(
        default=True, help_text="It may publish, or is to be pulled"
    )
    state = models.CharField(max_length=10, choices=State, default=State.INACTIVE)
    reason = models.CharField(max_length=200, blank=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True
    )
    created_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField(
        null=True, blank=True, help_text="While it was never used; empty: it was"
    )

    class Meta:
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} source of {self.meeting}"

    @property
    def name(self) -> str:
        return self.participant.name

    @property
    def is_pulled(self) -> bool:
        """Whether it is fetched from its address; else it comes by itself."""
        return bool(self.url)

    @property
    def is_expired(self) -> bool:
        return self.expires_at is not None and self.expires_at <= timezone.now()

    @property
    def is_usable(self) -> bool:
        """Whether its sound may be in the call now."""
        in_room = self.participant.removed_at is None and self.meeting.accepts_people
        return self.wanted and in_room and not self.is_expired

"""Where a tracker found something."""

from typing import Self

from django.contrib.auth.models import AbstractBaseUser, AnonymousUser
from django.db import models
from django.utils import timezone

from meetings.models import Meeting, Participant

from .saved_search import SavedSearch
from .turn import Turn


class HitQuerySet(models.QuerySet["Hit"]):
    def visible_to(self, user: AbstractBaseUser | AnonymousUser) -> Self:
        """Hits of calls and trackers that ``user`` may see: what may not be seen is
        never counted either."""
        calls = Meeting.objects.visible_to(user).order_by()
        searches = SavedSearch.objects.visible_to(user).order_by()
        return self.filter(meeting__in=calls, search__in=searches, turn__isnull=False)


class Hit(models.Model):
    """Words of a turn that a tracker looks for, and when they were said.

    ``begin`` and ``end`` are places in the turn's text: of the first word's first
    letter, and behind the last word.
    """

    search = models.ForeignKey(SavedSearch, models.CASCADE, related_name="hits")
    version = models.PositiveIntegerField(help_text="Of the tracker")
    meeting = models.ForeignKey(Meeting, models.CASCADE, related_name="hits")
    participant = models.ForeignKey(Participant, models.CASCADE, related_name="hits")
    turn = models.ForeignKey(
        Turn,
        models.SET_NULL,
        null=True,
        related_name="hits",
        help_text="Empty: the call is being indexed anew, and its hits with it",
    )
    begin = models.PositiveIntegerField()
    end = models.PositiveIntegerField()
    start_ms = models.PositiveBigIntegerField()
    end_ms = models.PositiveBigIntegerField()
    side = models.CharField(max_length=4, blank=True, help_text="Of who said it")
    found_at = models.DateTimeField(
        default=timezone.now,
        help_text="When the tracker first had a hit in this call",
    )

    objects = HitQuerySet.as_manager()

    class Meta:
        ordering = ["start_ms", "pk"]
        indexes = [
            models.Index(fields=["meeting", "start_ms"]),
            models.Index(fields=["search", "meeting"]),
            models.Index(fields=["search", "found_at"]),
        ]

    def __str__(self) -> str:
        return f"{self.search} in {self.meeting}"

"""Figures of calls as they are searched and compared: computed once, when a call is
indexed."""

from typing import Self

from django.contrib.auth.models import AbstractBaseUser, AnonymousUser
from django.db import models
from django.db.models import Q

from meetings.models import Meeting, Participant


class StoredFigureQuerySet(models.QuerySet["StoredFigure"]):
    def visible_to(self, user: AbstractBaseUser | AnonymousUser) -> Self:
        return self.filter(meeting__in=Meeting.objects.visible_to(user))

    def of_calls(self) -> Self:
        """Those of whole calls, none of a person."""
        return self.filter(participant=None)

    def told(self) -> Self:
        """Those that have a value: a grey one is never averaged, nor found."""
        return self.filter(value__isnull=False)


class StoredFigure(models.Model):
    """A figure of a call, or of one person in it; docs/statistics.md has the names."""

    meeting = models.ForeignKey(Meeting, models.CASCADE, related_name="figures")
    participant = models.ForeignKey(
        Participant,
        models.CASCADE,
        null=True,
        blank=True,
        related_name="figures",
        help_text="Empty: a figure of the call",
    )
    figure = models.CharField(max_length=40)
    value = models.FloatField(
        null=True, blank=True, help_text="Empty: the sound does not allow one"
    )
    reason = models.CharField(
        max_length=200, blank=True, help_text="Why there is no value"
    )
    version = models.PositiveSmallIntegerField(
        help_text="Of the definitions that it was computed by"
    )

    objects = StoredFigureQuerySet.as_manager()

    class Meta:
        ordering = ["meeting", "participant", "figure"]
        indexes = [
            models.Index(
                fields=["figure", "value", "meeting"],
                condition=Q(participant=None),
                name="figures_of_calls_by_value",
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["meeting", "figure"],
                condition=Q(participant=None),
                name="one_figure_of_a_name_per_call",
            ),
            models.UniqueConstraint(
                fields=["participant", "figure"],
                condition=Q(participant__isnull=False),
                name="one_figure_of_a_name_per_person",
            ),
            models.CheckConstraint(
                condition=Q(value=None) | Q(reason=""),
                name="figure_has_a_value_or_a_reason",
            ),
        ]

    def __str__(self) -> str:
        told = self.reason if self.value is None else f"{self.value:g}"
        return f"{self.figure} of {self.participant or self.meeting}: {told}"

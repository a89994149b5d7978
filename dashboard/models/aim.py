"""What a site aims at."""

from django.core.exceptions import ValidationError
from django.db import models


class FigureAim(models.Model):
    """What a site aims at with a figure of its calls, in place of our default."""

    figure = models.CharField(max_length=40, unique=True)
    low = models.FloatField(null=True, blank=True, help_text="Empty: no lower bound")
    high = models.FloatField(null=True, blank=True, help_text="Empty: no upper bound")
    shown = models.BooleanField(default=True, help_text="On the page of a call")

    class Meta:
        verbose_name, verbose_name_plural = "aim", "aims of statistics"
        ordering = ["figure"]

    def __str__(self) -> str:
        return self.figure

    def clean(self) -> None:
        if self.low is not None and self.high is not None and self.low > self.high:
            raise ValidationError({"high": "Not below the lower bound"})

    @classmethod
    def in_force(
        cls,
    ) -> tuple[dict[str, tuple[float | None, float | None]], set[str]]:
        """({figure: (low, high)}, figures that are not shown)."""
        rows = list(cls.objects.all())
        aims = {row.figure: (row.low, row.high) for row in rows}
        return aims, {row.figure for row in rows if not row.shown}

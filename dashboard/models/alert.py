"""Who wants to hear of a tracker's new hits."""

from django.conf import settings
from django.db import models
from django.utils import timezone

from .saved_search import SavedSearch


class Alert(models.Model):
    """A person's wish to be told of new hits, in the page or also by a mail a day."""

    class How(models.TextChoices):
        PAGE = "page", "In Earshot"
        DAILY = "daily", "In Earshot and by a daily mail"

    search = models.ForeignKey(SavedSearch, models.CASCADE, related_name="alerts")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="alerts"
    )
    how = models.CharField(max_length=5, choices=How)
    seen_at = models.DateTimeField(default=timezone.now, help_text="Last look")
    mailed_at = models.DateTimeField(default=timezone.now, help_text="Last mail")

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["search", "user"], name="one_alert_per_person"
            )
        ]

    def __str__(self) -> str:
        return f"{self.search} for {self.user}"

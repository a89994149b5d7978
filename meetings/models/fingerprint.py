"""What imported files are told apart by."""

from django.conf import settings
from django.db import models

from .meeting import Meeting


class Fingerprint(models.Model):
    """The hash of a file that became a call, or a part of one.

    ``copy`` is 0 unless its owner took the same file again on purpose: so of two who
    bring it at once, the database lets one in.
    """

    meeting = models.ForeignKey(Meeting, models.CASCADE, related_name="fingerprints")
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE)
    file = models.CharField(max_length=40, help_text="Inside the meeting's folder")
    sha256 = models.CharField(max_length=64, db_index=True)
    copy = models.PositiveSmallIntegerField(default=0)
    bytes = models.PositiveBigIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["owner", "sha256", "copy"], name="one_import_of_a_file"
            )
        ]

    def __str__(self) -> str:
        return f"{self.sha256[:12]} of {self.meeting}"

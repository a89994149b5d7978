"""People in a meeting, the links guests come by, and what each person agreed to."""

import uuid

from django.conf import settings
from django.db import models
from django.utils import timezone

from meetings.languages import check_language

from .meeting import Meeting
from .names import NameField, initials_of

ERASED = "Deleted person"
# Versions of templates/meetings/_notice.html: a change of its words is a new one.
SOUND_TEXT = "room-3"
VIDEO_TEXT = "room-video-2"
TAB_TEXT = "tab-1"  # of templates/meetings/_tab_notice.html, likewise
# All versions by which people agree to pictures
WITH_VIDEO = ("room-video-1", VIDEO_TEXT)
COLOURS = 8  # hues in tokens.css, given by order of arrival


class GuestLink(models.Model):
    """An invitation to one meeting's room: signed, expiring, revocable.

    The address carries the signed id of this row, never a secret that lasts.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    meeting = models.ForeignKey(Meeting, models.CASCADE, related_name="guest_links")
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE)
    created_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField()
    closed_at = models.DateTimeField(
        null=True, blank=True, help_text="Nobody new comes in; who is in stays"
    )
    revoked_at = models.DateTimeField(
        null=True, blank=True, help_text="Nobody is in by it any more"
    )

    def __str__(self) -> str:
        return f"Guest link to {self.meeting}"

    @property
    def is_usable(self) -> bool:
        """Whether somebody new may come in by it."""
        shut = self.closed_at or self.revoked_at
        return shut is None and timezone.now() < self.expires_at


class Participant(models.Model):
    class Side(models.TextChoices):
        US = "us", "Us"
        THEM = "them", "Customer"
        UNKNOWN = "", "Not known"

    class Consent(models.TextChoices):
        RECORDED = "recorded", "Recorded"
        UNRECORDED = "unrecorded", "Not recorded"

    meeting = models.ForeignKey(Meeting, models.CASCADE, related_name="participants")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True
    )
    link = models.ForeignKey(GuestLink, models.SET_NULL, null=True, blank=True)
    name = NameField(max_length=80)
    email = models.EmailField(
        blank=True, help_text="Its domain tells which customer the call is of"
    )
    side = models.CharField(max_length=4, choices=Side, default=Side.THEM, blank=True)
    consent = models.CharField(max_length=12, choices=Consent)
    language = models.CharField(
        max_length=12,
        blank=True,
        help_text="Empty: detected",
        validators=[check_language],
    )
    colour = models.PositiveSmallIntegerField(default=0)
    joined_at = models.DateTimeField(default=timezone.now)
    entered_at = models.DateTimeField(
        null=True,
        blank=True,
        help_text="First in the room; what was said earlier is not for guests",
    )
    left_at = models.DateTimeField(null=True, blank=True)
    removed_at = models.DateTimeField(
        null=True, blank=True, help_text="Put out by the host: the seat has ended"
    )
    erased_at = models.DateTimeField(
        null=True,
        blank=True,
        editable=False,
        help_text="In the place of somebody whose data was deleted",
    )

    joined_to = models.ForeignKey(
        "self",
        models.CASCADE,
        null=True,
        blank=True,
        editable=False,
        related_name="joined",
        help_text="The same person, whose row has all that is kept of both",
    )
    heard_on = models.ForeignKey(
        "self",
        models.CASCADE,
        null=True,
        blank=True,
        editable=False,
        related_name="others_heard",
        help_text="Whose row has the sound, where several people share one track",
    )

    class Meta:
        verbose_name, verbose_name_plural = "person", "people"
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["meeting", "user"],
                condition=models.Q(user__isnull=False),
                name="one_seat_per_account",
            )
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_recorded(self) -> bool:
        return self.consent == self.Consent.RECORDED

    @property
    def video_is_recorded(self) -> bool:
        """Whether what they last agreed to said so. One query."""
        if not (self.is_recorded and self.meeting.records_video):
            return False
        choice = self.consent_log.last()
        return choice is not None and choice.text_version in WITH_VIDEO

    @property
    def is_guest(self) -> bool:
        return self.user_id is None

    @property
    def is_tab(self) -> bool:
        """Whether it is the sound of a call in another tab. One query."""
        return self.consent_log.filter(way=ConsentChoice.Way.TAB).exists()

    @property
    def initials(self) -> str:
        return initials_of(self.name)


class ConsentChoice(models.Model):
    """The log of what a person chose, when and by which words; never edited."""

    class Way(models.TextChoices):
        PAGE = "page", "On the page before the room"
        ROOM = "room", "In the room"
        IMPORTED = "imported", "Imported: stated by the one who imported"
        SOURCE = "source", "Stated by the one who added the source"
        TAB = "tab", "Told in their own call, as the one who recorded its tab stated"

    participant = models.ForeignKey(
        Participant, models.CASCADE, related_name="consent_log"
    )
    choice = models.CharField(max_length=12, choices=Participant.Consent)
    text_version = models.CharField(max_length=20)
    language = models.CharField(max_length=12, default="en")
    way = models.CharField(max_length=10, choices=Way)
    address_hash = models.CharField(max_length=64, blank=True)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = "choice to be recorded or not"
        verbose_name_plural = "choices to be recorded or not"
        ordering = ["at"]

    def __str__(self) -> str:
        return f"{self.participant}: {self.get_choice_display()}"

"""The meeting, and the one gate to it."""

import secrets
from datetime import datetime
from typing import TYPE_CHECKING, ClassVar, Self

from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.auth.models import AbstractBaseUser, AnonymousUser
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils import timezone

from meetings.languages import check_language

from .names import NameField

if TYPE_CHECKING:
    from .participant import Participant

# No vowels and no look-alikes: codes are read aloud and never spell a word.
CODE_LETTERS = "bcdfghjkmnpqrstvwxz23456789"
CODE_LENGTH = 10  # 27 ** 10 = 2e14


def new_code() -> str:
    return "".join(secrets.choice(CODE_LETTERS) for _ in range(CODE_LENGTH))


NAMED = 3  # people that the name of a call lists


def listed(names: list[str]) -> str:
    """ "Anna", "Anna and Ben", "Anna, Ben and Carol", "Anna, Ben and 3 others"."""
    if len(names) > NAMED:
        rest = len(names) - NAMED + 1
        names = [*names[: NAMED - 1], f"{rest} others"]
    *first, last = names
    return f"{', '.join(first)} and {last}" if first else last


class MeetingQuerySet(models.QuerySet["Meeting"]):
    def visible_to(self, user: AbstractBaseUser | AnonymousUser) -> Self:
        """Meetings whose page, media and transcript ``user`` may see.

        The only gate: owner, people who were in the room with an account and were not
        put out, the owner's teams unless the meeting is private, superusers. Guests see
        rooms, not pages. Nobody sees what is in the bin (see in_bin_of).
        """
        from .participant import Participant

        if not user.is_authenticated or not user.is_active:
            return self.none()
        here = self.filter(deleted_at=None)
        if getattr(user, "is_superuser", False):
            return here
        seats = Participant.objects.filter(user_id=user.pk, removed_at=None)
        present = seats.values("meeting_id")
        mates = get_user_model().objects.filter(groups__user=user.pk).values("pk")
        team = Q(visibility=Meeting.Visibility.TEAM, owner_id__in=mates)
        return here.filter(Q(owner_id=user.pk) | Q(pk__in=present) | team)

    def in_bin_of(self, user: AbstractBaseUser | AnonymousUser) -> Self:
        """Deleted meetings that ``user`` may bring back, or delete for good."""
        if not user.is_authenticated or not user.is_active:
            return self.none()
        deleted = self.filter(deleted_at__isnull=False)
        everyones = getattr(user, "is_superuser", False)
        return deleted if everyones else deleted.filter(owner_id=user.pk)


class Meeting(models.Model):
    class State(models.TextChoices):
        OPEN = "open", "Open"  # made, nobody has been in yet
        LIVE = "live", "Live"
        IMPORTING = "importing", "Importing"
        ENDED = "ended", "Ended"

    MOVES: ClassVar[dict[str, set[str]]] = {
        State.OPEN: {State.LIVE, State.ENDED},
        State.LIVE: {State.ENDED},
        State.IMPORTING: {State.ENDED},
        State.ENDED: set(),
    }

    class Visibility(models.TextChoices):
        TEAM = "team", "The owner's teams"
        PRIVATE = "private", "Only the people in it"

    code = models.CharField(
        max_length=16, unique=True, default=new_code, editable=False
    )
    title = NameField(max_length=200, blank=True)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="meetings"
    )
    account = models.ForeignKey(
        "meetings.Account",
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="meetings",
        help_text="The customer",
    )
    state = models.CharField(max_length=12, choices=State, default=State.OPEN)
    visibility = models.CharField(
        max_length=12, choices=Visibility, default=Visibility.TEAM
    )
    language = models.CharField(
        max_length=12,
        blank=True,
        help_text="Empty: detected",
        validators=[check_language],
    )
    created_at = models.DateTimeField(default=timezone.now, db_index=True)
    started_at = models.DateTimeField(
        null=True, blank=True, help_text="Zero of the meeting's clock"
    )
    ended_at = models.DateTimeField(null=True, blank=True)
    duration_ms = models.PositiveBigIntegerField(default=0)
    deleted_at = models.DateTimeField(
        null=True, blank=True, editable=False, help_text="In the bin since then"
    )
    epoch = models.PositiveIntegerField(
        default=0,
        editable=False,
        help_text="Raised by each process that takes the room (meetings.leases)",
    )
    record_video = models.BooleanField(
        default=False,
        help_text="Of those who agree, where RECORD_VIDEO is on",
    )
    waiting_room = models.BooleanField(
        default=False, help_text="Guests wait until the host lets them in"
    )
    recovered = models.BooleanField(
        default=False,
        help_text="The server stopped in mid-call; files were repaired",
    )

    objects = MeetingQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at"]
        indexes = [
            models.Index(
                Coalesce("started_at", "created_at").desc(),
                F("id").desc(),
                name="calls_by_date",
            )
        ]

    def __str__(self) -> str:
        return self.title or f"Meeting {self.code}"

    @property
    def name(self) -> str:
        """Its title, else whom it was held with: customers if there are any."""
        return self.title or self._by_people()

    def _by_people(self) -> str:
        people = self.people
        names = [p.name for p in people if p.side == p.Side.THEM]
        names = names or [p.name for p in people]
        return f"Call with {listed(names)}" if names else "New meeting"

    @property
    def is_live(self) -> bool:
        return self.state == self.State.LIVE

    @property
    def is_over(self) -> bool:
        return self.state == self.State.ENDED

    @property
    def records_video(self) -> bool:
        return self.record_video and settings.RECORD_VIDEO

    @property
    def can_be_heard(self) -> bool:
        """Whether people who are not in it may listen, by link. One query."""
        links = self.outlets.filter(kind="hls", expires_at__gt=timezone.now())
        return self.accepts_people and links.exists()

    @property
    def accepts_people(self) -> bool:
        return self.state in (self.State.OPEN, self.State.LIVE)

    @property
    def date(self) -> datetime:
        return self.started_at or self.created_at

    @property
    def people(self) -> "list[Participant]":
        """Participants by order of arrival, from prefetched rows if there are any; one
        who was there twice is one, and a track that several share is nobody."""
        rows = list(self.participants.all())
        shared = {row.heard_on_id for row in rows}
        people = [r for r in rows if r.joined_to_id is None and r.pk not in shared]
        return sorted(people, key=lambda person: person.pk)

    def clock_ms(self, moment: datetime | None = None) -> int:
        """Milliseconds since recording began, at ``moment`` or now."""
        if self.started_at is None:
            return 0
        passed = (moment or timezone.now()) - self.started_at
        return max(0, round(passed.total_seconds() * 1000))

    def may_be_run_by(self, user: AbstractBaseUser | AnonymousUser) -> bool:
        """Who may end, share and manage: the owner and superusers."""
        return bool(
            user.is_authenticated
            and (user.pk == self.owner_id or getattr(user, "is_superuser", False))
        )

    def get_absolute_url(self) -> str:
        if self.accepts_people:
            return reverse("room:lobby", args=[self.code])
        return reverse("call", args=[self.code])

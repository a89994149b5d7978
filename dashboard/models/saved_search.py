"""What people keep of a search: by name, as a tracker with hits, as an alert."""

from typing import Any, ClassVar, Self

from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.auth.models import AbstractBaseUser, AnonymousUser
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone

from meetings.models.names import NameField
from meetings.models.participant import COLOURS

LONGEST_QUERY = 500  # characters, as the search box takes


class SavedSearchQuerySet(models.QuerySet["SavedSearch"]):
    def visible_to(self, user: AbstractBaseUser | AnonymousUser) -> Self:
        """One's own, and what somebody of one's teams shares. A superuser is in every
        team."""
        if not user.is_authenticated or not user.is_active:
            return self.none()
        if getattr(user, "is_superuser", False):
            return self.filter(Q(owner_id=user.pk) | Q(shared=True))
        mates = get_user_model().objects.filter(groups__user=user.pk).values("pk")
        team = Q(shared=True, owner_id__in=mates)
        return self.filter(Q(owner_id=user.pk) | team)

    def tracked(self) -> Self:
        """Those whose hits are kept."""
        return self.filter(tracked=True)

    def to_fill(self) -> Self:
        """Trackers that have yet to look through the calls that were held before."""
        return self.tracked().exclude(filled_version=F("version"))


class SavedSearch(models.Model):
    """A search with a name: by what is typed in the box, or by a form of phrases.

    A tracker is one whose hits are kept (``tracked``); an alert tells a person of new
    ones. ``form`` is as dashboard.trackers.wanted.Wanted reads it. ``version`` counts
    what is looked for, and hits carry it; ``edit`` counts every save, so that who saves
    over somebody else's change is told.
    """

    name = NameField(max_length=80)
    query = models.CharField(max_length=LONGEST_QUERY, blank=True)
    form: Any = models.JSONField(default=dict, blank=True)
    colour = models.PositiveSmallIntegerField(default=0)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="saved_searches",
    )
    shared = models.BooleanField(default=False, help_text="With the owner's teams")
    tracked = models.BooleanField(default=False, help_text="Its hits are kept")
    version = models.PositiveIntegerField(default=1)
    edit = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField(default=timezone.now)
    changed_at = models.DateTimeField(default=timezone.now)
    changed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
    )
    filled_version = models.PositiveIntegerField(
        default=0, help_text="The version whose hits all calls have"
    )
    filling_version = models.PositiveIntegerField(default=0)
    fill_date = models.DateTimeField(
        null=True,
        blank=True,
        help_text="The calls from then on have been looked through",
    )
    fill_pk = models.PositiveBigIntegerField(default=0)
    fill_done = models.PositiveIntegerField(default=0, help_text="Calls")
    fill_total = models.PositiveIntegerField(default=0, help_text="Calls")

    HUES: ClassVar[int] = COLOURS

    objects = SavedSearchQuerySet.as_manager()

    class Meta:
        verbose_name, verbose_name_plural = "saved search", "saved searches"
        ordering = ["name", "pk"]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("tracker", args=[self.pk])

    @property
    def is_filled(self) -> bool:
        """Whether all old calls have been looked through for what it is now."""
        return self.filled_version == self.version

    def is_owned_by(self, user: AbstractBaseUser | AnonymousUser) -> bool:
        """Who may delete it and take it away from the team."""
        return user.pk == self.owner_id or bool(getattr(user, "is_superuser", False))

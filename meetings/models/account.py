"""Customers: whom calls are held with, by name and by the domains of their mail."""

import unicodedata
from typing import TYPE_CHECKING, Any, Self

from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser, AnonymousUser
from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from .names import NameField, one_line

if TYPE_CHECKING:
    Text = models.CharField[str, str]
else:
    Text = models.CharField

NAME = 200  # letters
KEY = 3 * NAME  # one letter folds to three at most
DOMAIN = r"^(?=.{4,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{1,62}$"


def name_key(name: str) -> str:
    """What two ways to write one name share. SQL cannot say it: SQLite's LOWER knows
    ASCII alone."""
    return unicodedata.normalize("NFC", one_line(name).casefold())[:KEY]


class NameKeyField(Text):
    """The key of the row's name, whoever writes the row."""

    def pre_save(self, model_instance: models.Model, add: bool) -> str:
        key = name_key(getattr(model_instance, "name", ""))
        setattr(model_instance, self.attname, key)
        return key

    def deconstruct(self) -> Any:
        """A CharField to migrations: the column is the same."""
        name, _, args, kwargs = super().deconstruct()
        return name, "django.db.models.CharField", args, kwargs


def is_manager(user: AbstractBaseUser | AnonymousUser) -> bool:
    """Who looks after the whole site's calls: staff, until there are roles."""
    return bool(
        user.is_authenticated and user.is_active and getattr(user, "is_staff", False)
    )


class AccountQuerySet(models.QuerySet["Account"]):
    def visible_to(self, user: AbstractBaseUser | AnonymousUser) -> Self:
        """Accounts of calls that ``user`` may see, and those that they made; managers
        see all. What can be read of an account's calls is another question: ask
        ``Meeting.objects.visible_to``."""
        from .meeting import Meeting

        if is_manager(user):
            return self
        calls = Meeting.objects.visible_to(user).filter(account_id=OuterRef("pk"))
        mine = Q(created_by_id=user.pk) if user.is_authenticated else Q(pk=None)
        return self.filter(mine | Exists(calls))

    def called(self, name: str, by: AbstractBaseUser | None = None) -> "Account | None":
        """The account of that name, whatever its case, made where there is none; None
        for a name of nothing that can be seen. Two at once get the same one."""
        name = one_line(name)[:NAME].strip()
        if not name:
            return None
        known = {"name": name, "created_by_id": by.pk if by else None}
        account, _ = self.get_or_create(key=name_key(name), defaults=known)
        return account


class Account(models.Model):
    name = NameField(max_length=NAME)
    key = NameKeyField(max_length=KEY, unique=True, editable=False)
    stage = NameField(
        max_length=60, blank=True, help_text="Where the deal stands, in your words"
    )
    deal = NameField(max_length=NAME, blank=True, help_text="What the deal is called")
    amount = models.DecimalField(max_digits=14, decimal_places=2, null=True, blank=True)
    currency = models.CharField(
        max_length=3,
        blank=True,
        validators=[RegexValidator(r"^[A-Z]{3}$", "Three letters, like EUR.")],
        help_text="Three letters, like EUR",
    )
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        editable=False,
        related_name="+",
    )
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = AccountQuerySet.as_manager()

    class Meta:
        verbose_name = "customer"
        ordering = ["key"]

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        """One name is one account."""
        same = Account.objects.filter(key=name_key(self.name)).exclude(pk=self.pk)
        if same.exists():
            raise ValidationError({"name": "There is a customer of this name already."})

    def may_be_changed_by(self, user: AbstractBaseUser | AnonymousUser) -> bool:
        """Managers, who made it, and who runs a call of it."""
        if is_manager(user) or (self.created_by_id and self.created_by_id == user.pk):
            return True
        return bool(user.pk) and self.meetings.filter(owner_id=user.pk).exists()


class AccountDomain(models.Model):
    """A domain of an account's mail: acme.com. It tells of one account alone."""

    account = models.ForeignKey(Account, models.CASCADE, related_name="domains")
    domain = models.CharField(
        max_length=253,
        unique=True,
        validators=[RegexValidator(DOMAIN, "A domain, like acme.com.")],
    )

    class Meta:
        verbose_name = "e-mail domain"
        ordering = ["domain"]

    def __str__(self) -> str:
        return self.domain

"""Reads of accounts: everything that is said of calls is of those one may see."""

from dataclasses import dataclass
from datetime import datetime

from django.contrib.auth.models import AbstractBaseUser, AnonymousUser
from django.db.models import Count, Max, Q, QuerySet
from django.db.models.functions import Coalesce
from django.http import Http404

from meetings.models import Account, Meeting, Participant

PEOPLE = 50  # of an account that its page lists
GUESSES = 5  # calls that may be an account's

BEGAN = Coalesce("started_at", "created_at")


def get_account_for(user: AbstractBaseUser | AnonymousUser, pk: int) -> Account:
    """The account, or 404 as if it did not exist."""
    account = Account.objects.visible_to(user).filter(pk=pk).first()
    if account is None:
        raise Http404
    return account


def calls_for(user: AbstractBaseUser | AnonymousUser) -> QuerySet[Meeting]:
    """Calls that were held, or came in, and that ``user`` may see."""
    seen = Meeting.objects.visible_to(user)
    return seen.exclude(state=Meeting.State.OPEN)


@dataclass(frozen=True)
class AccountRow:
    """An account in the list, with what its reader may know of its calls."""

    account: Account
    calls: int
    last: datetime | None


def rows_of(
    accounts: list[Account], user: AbstractBaseUser | AnonymousUser
) -> list[AccountRow]:
    """One query for all of them."""
    counted = (
        calls_for(user)
        .filter(account__in=accounts)
        .order_by()
        .values("account_id")
        .annotate(calls=Count("pk"), last=Max(BEGAN))
    )
    told = {row["account_id"]: (row["calls"], row["last"]) for row in counted}
    return [AccountRow(a, *told.get(a.pk, (0, None))) for a in accounts]


@dataclass(frozen=True)
class Contact:
    """Somebody of the customer's, by their name in calls."""

    name: str
    email: str
    calls: int
    last: datetime


def contacts_of(calls: QuerySet[Meeting]) -> list[Contact]:
    """Who was in these calls on the customer's side, the latest first."""
    people = Participant.objects.filter(
        meeting__in=calls.order_by().values("pk"),
        side=Participant.Side.THEM,
        erased_at=None,
    )
    began = Coalesce("meeting__started_at", "meeting__created_at")
    found = (
        people.order_by()
        .values("name")
        .annotate(
            mail=Max("email"), calls=Count("meeting", distinct=True), last=Max(began)
        )
    )
    rows = found.order_by("-last", "name")[:PEOPLE]
    return [Contact(r["name"], r["mail"], r["calls"], r["last"]) for r in rows]


def perhaps_of(
    account: Account, names: list[str], user: AbstractBaseUser | AnonymousUser
) -> list[Meeting]:
    """Calls without an account that may be this one's, and that ``user`` runs: the
    title names it, or somebody of its people was there."""
    if not user.is_authenticated:
        return []
    own = calls_for(user).filter(account=None, owner_id=user.pk)
    them = Participant.objects.filter(
        name__in=names, side=Participant.Side.THEM, meeting__owner_id=user.pk
    )
    fits = Q(title__icontains=account.name) | Q(pk__in=them.values("meeting_id"))
    found = own.filter(fits).prefetch_related("participants")
    return list(found.order_by(BEGAN.desc())[:GUESSES])

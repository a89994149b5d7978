"""Whose mail a domain is: ours, a customer's, or of a provider that anybody may use."""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from pathlib import Path

from django.contrib.auth import get_user_model
from django.contrib.auth.models import AbstractBaseUser
from django.db import IntegrityError, transaction

from meetings.models import Account, AccountDomain, Meeting, Participant
from meetings.models.account import DOMAIN

# Mail of these says nothing of who somebody works for. Sub-domains count as well.
PUBLIC = frozenset(Path(__file__).with_name("mail_providers.txt").read_text().split())
# People who are told to call have no mail yet: documents and tests write of these.
RESERVED = re.compile(r"(^|\.)(example|invalid|localhost|test|local)$")


def domain_of(email: str) -> str:
    """The domain of an address, in the letters of DNS; empty when it has none."""
    domain = email.rpartition("@")[2].strip(" .>").lower() if "@" in email else ""
    try:
        domain = domain.encode("idna").decode()
    except UnicodeError:
        return ""
    return domain if re.match(DOMAIN, domain) else ""


def with_parents(domain: str) -> list[str]:
    """ "mail.acme.com" and what it is a part of: "acme.com"."""
    parts = domain.split(".")
    return [".".join(parts[n:]) for n in range(len(parts) - 1)]


def is_public(domain: str) -> bool:
    """Whether anybody may have an address there, or nobody."""
    return bool(PUBLIC.intersection(with_parents(domain)) or RESERVED.search(domain))


def ours() -> set[str]:
    """Domains of the people who work here."""
    people = get_user_model().objects.filter(is_active=True).exclude(email="")
    found = {domain_of(email) for email in people.values_list("email", flat=True)}
    return {domain for domain in found if domain and not is_public(domain)}


def side_of(email: str) -> str:
    """ "us" or "them", by whose mail it is; empty where that tells nothing."""
    if not email or not (domain := domain_of(email)) or is_public(domain):
        return ""
    own, parts = ours(), with_parents(domain)
    if own.intersection(parts):
        return Participant.Side.US
    theirs = own or AccountDomain.objects.filter(domain__in=parts).exists()
    return Participant.Side.THEM if theirs else ""


def of_customers(emails: Iterable[str], own: set[str]) -> list[str]:
    """Domains that tell whom a call was with, each once, by the order of people."""
    found = dict.fromkeys(filter(None, map(domain_of, emails)))
    return [d for d in found if not (is_public(d) or own.intersection(with_parents(d)))]


def account_of(
    emails: Iterable[str], by: AbstractBaseUser | None = None
) -> Account | None:
    """The account that these addresses are of. One is made, by the name of its domain,
    where nobody knows the only one; None where they tell of none, or of several."""
    domains = of_customers(emails, ours())
    wanted = {part for domain in domains for part in with_parents(domain)}
    known = Account.objects.filter(domains__domain__in=wanted).distinct()
    if len(found := list(known[:2])) == 1:
        return found[0]
    return _made(domains[0], by) if not found and len(domains) == 1 else None


def _made(domain: str, by: AbstractBaseUser | None) -> Account | None:
    if (account := Account.objects.called(domain, by)) is None:
        return None
    try:
        with transaction.atomic():
            AccountDomain.objects.create(account=account, domain=domain)
    except IntegrityError:  # somebody was quicker
        return Account.objects.filter(domains__domain=domain).first()
    return account


def file_call(meeting: Meeting, by: AbstractBaseUser | None = None) -> bool:
    """Give a call without an account the one that its people's mail tells of; whether
    there is one."""
    if meeting.account_id:
        return False
    them = meeting.participants.filter(side=Participant.Side.THEM).exclude(email="")
    meeting.account = account_of(them.values_list("email", flat=True), by)
    if meeting.account is None:
        return False
    meeting.save(update_fields=["account"])
    return True


def file_calls(owners: Mapping[str, Account]) -> int:
    """Give calls that have no account the one whose domain their people's mail is of;
    how many. ``owners``: whose each domain is. A call with people of two stays."""
    people = Participant.objects.filter(
        side=Participant.Side.THEM, meeting__account=None
    ).exclude(email="")
    found: dict[int, set[int]] = defaultdict(set)  # call -> accounts
    for call, email in people.values_list("meeting_id", "email"):
        parts = with_parents(domain_of(email))
        found[call] |= {owners[part].pk for part in parts if part in owners}
    of: dict[int, list[int]] = defaultdict(list)  # account -> calls
    for call, accounts in found.items():
        if len(accounts) == 1:
            of[accounts.pop()].append(call)
    return sum(
        Meeting.objects.filter(pk__in=calls, account=None).update(account=account)
        for account, calls in of.items()
    )

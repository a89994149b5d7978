"""An account as people write it down."""

import re
from collections.abc import Mapping
from typing import Any

from django import forms
from django.contrib.auth.models import User
from django.db import transaction

from meetings import mail_domains
from meetings.models import Account, AccountDomain

MOST_DOMAINS = 50
APART = re.compile(r"[\s,;]+")


class NotTheirs(ValueError):
    """A domain that no account can have; the message is for people."""


def listed_domains(text: str) -> list[str]:
    """The domains in ``text``, as people list them; an address stands for its own.

    Raises NotTheirs for what is none, and for mail that anybody may have.
    """
    words = dict.fromkeys(filter(None, APART.split(text.strip())))
    if len(words) > MOST_DOMAINS:
        raise NotTheirs(f"More than {MOST_DOMAINS} domains.")
    return list(dict.fromkeys(_domain(word) for word in words))


def is_of(domain: str, name: str) -> NotTheirs:
    return NotTheirs(f"{domain} is of {name} already.")


def _domain(word: str) -> str:
    domain = mail_domains.domain_of(word if "@" in word else f"@{word}")
    if not domain:
        raise NotTheirs(f"{word[:60]} is no domain, like acme.com.")
    if mail_domains.is_public(domain):
        raise NotTheirs(f"Anybody may have an address of {domain}.")
    return domain


class CustomerForm(forms.ModelForm):
    domains = forms.CharField(
        label="E-mail domains",
        required=False,
        max_length=4000,
        help_text="Calls with people of these domains come here by themselves.",
        widget=forms.TextInput(
            attrs={"placeholder": "acme.com, acme.de", "autocomplete": "off"}
        ),
    )

    class Meta:
        model = Account
        fields = ("name", "stage", "deal", "amount", "currency")
        labels = {"deal": "Deal"}
        help_texts = {"stage": "", "deal": "", "currency": ""}
        widgets = {
            name: forms.TextInput(attrs={"dir": "auto", "autocomplete": "off"})
            for name in ("name", "stage", "deal")
        } | {
            "currency": forms.TextInput(attrs={"placeholder": "EUR", "size": 3}),
        }

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        if self.instance.pk:
            known = self.instance.domains.values_list("domain", flat=True)
            self.initial["domains"] = ", ".join(known)

    def clean_currency(self) -> str:
        return str(self.cleaned_data["currency"]).upper()

    def clean_domains(self) -> list[str]:
        try:
            found = listed_domains(self.cleaned_data["domains"])
            others = AccountDomain.objects.exclude(account_id=self.instance.pk)
            taken = others.filter(domain__in=found).select_related("account").first()
            if taken:
                raise is_of(taken.domain, taken.account.name)
        except NotTheirs as wrong:
            raise forms.ValidationError(str(wrong)) from None
        return found

    @transaction.atomic
    def keep(self, by: User) -> Account:
        """Write it, and give it the calls that its domains tell of."""
        account: Account = self.instance
        if account.pk is None:
            account.created_by = by
        account.save()
        set_domains(account, self.cleaned_data["domains"])
        return account


def set_domains(account: Account, domains: list[str]) -> None:
    """These and no others; calls of new ones come to the account."""
    account.domains.exclude(domain__in=domains).delete()
    known = set(account.domains.values_list("domain", flat=True))
    add_domains({domain: account for domain in domains if domain not in known})


def add_domains(owners: Mapping[str, Account]) -> None:
    """Domains that are new, each with its account, which gets the calls of it."""
    AccountDomain.objects.bulk_create(
        AccountDomain(account=account, domain=domain)
        for domain, account in owners.items()
    )
    mail_domains.file_calls(owners)

"""Customers from a table: what a file would do, and the doing of it.

A file is read twice: once to say what it would do, and once to do it. Both see the same
text; between the two, others may have changed what stands.
"""

from dataclasses import dataclass, field

from django.contrib.auth.models import User
from django.db import transaction

from dashboard.accounts.forms import NotTheirs, add_domains, is_of
from dashboard.accounts.table import TableLine, lines
from meetings.models import Account, AccountDomain
from meetings.models.account import name_key

FACTS = ("stage", "deal", "amount", "currency")


@dataclass
class Plan:
    """What a file would do."""

    new: list[TableLine] = field(default_factory=list)
    changed: list[TableLine] = field(default_factory=list)
    same: int = 0
    errors: list[tuple[int, str]] = field(default_factory=list)  # line, what is wrong

    @property
    def taken(self) -> list[TableLine]:
        return [*self.new, *self.changed]


@dataclass
class _Standing:
    """What there is, and what the lines so far would add."""

    accounts: dict[str, Account]  # by key
    domains: dict[str, Account | TableLine]  # whose each is
    named: dict[str, int] = field(default_factory=dict)  # key -> line

    @classmethod
    def now(cls) -> "_Standing":
        owners = AccountDomain.objects.select_related("account")
        accounts = {account.key: account for account in Account.objects.all()}
        return cls(accounts, {row.domain: row.account for row in owners})

    def take(self, line: TableLine) -> None:
        """Raises NotTheirs for a name or a domain that another line or account has."""
        key = name_key(line.name)
        if key in self.named:
            raise NotTheirs(f"{line.name} stands in line {self.named[key]} already.")
        for domain in line.domains:
            owner = self.domains.get(domain)
            if owner and name_key(owner.name) != key:
                raise is_of(domain, owner.name)
        self.named[key] = line.number
        self.domains |= {d: line for d in line.domains if d not in self.domains}

    def is_changed(self, account: Account, line: TableLine) -> bool:
        facts = any(
            getattr(account, name) != value for name, value in line.facts.items()
        )
        return facts or any(self.domains[d] is line for d in line.domains)


def planned(text: str) -> Plan:
    """What the lines would do; nothing is written. Raises Unreadable."""
    return _planned(text, _Standing.now())


def _planned(text: str, standing: _Standing) -> Plan:
    plan = Plan()
    for line in lines(text):
        if isinstance(line, tuple):
            plan.errors.append(line)
            continue
        try:
            standing.take(line)
        except NotTheirs as wrong:
            plan.errors.append((line.number, str(wrong)))
            continue
        account = standing.accounts.get(name_key(line.name))
        if account is None:
            plan.new.append(line)
        elif standing.is_changed(account, line):
            plan.changed.append(line)
        else:
            plan.same += 1
    return plan


@transaction.atomic
def apply(text: str, by: User) -> Plan:
    """Do what ``planned`` says now; lines with errors are left out.

    Raises Unreadable, IntegrityError when somebody wrote the same name meanwhile.
    """
    standing = _Standing.now()
    plan = _planned(text, standing)
    for line in plan.new:
        account = Account(name=line.name, created_by=by)
        standing.accounts[name_key(line.name)] = account
    changed = [standing.accounts[name_key(line.name)] for line in plan.taken]
    for account, line in zip(changed, plan.taken, strict=True):
        for name, value in line.facts.items():
            setattr(account, name, value)
    Account.objects.bulk_create(changed[: len(plan.new)])
    Account.objects.bulk_update(changed[len(plan.new) :], FACTS, batch_size=500)
    new = {
        domain: standing.accounts[name_key(line.name)]
        for line in plan.taken
        for domain in line.domains
        if standing.domains[domain] is line
    }
    add_domains(new)
    return plan

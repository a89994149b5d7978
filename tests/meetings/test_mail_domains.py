"""Whom a call was with, by the domains of people's mail."""

import pytest
from django.contrib.auth.models import User

from meetings import mail_domains
from meetings.models import Account, AccountDomain, Meeting, Participant
from tests.cast import Cast


@pytest.mark.parametrize(
    ("email", "domain"),
    [
        ("ann@acme.com", "acme.com"),
        ("ann@ACME.Com.", "acme.com"),
        ("Ann <ann@acme.com>", "acme.com"),
        ("ann@müller.de", "xn--mller-kva.de"),
        ("ann@a@b.org", "b.org"),
        *((bad, "") for bad in ("", "acme.com", "a@", "a@b", "a@-.com", "a@b..com")),
        *((bad, "") for bad in ("a@[10.0.0.1]", "a@<b>.com", "a@\u202e.com")),
        ("a@" + "x" * 100_000, ""),
    ],
)
def test_it_reads_the_domain_of_an_address(email: str, domain: str) -> None:
    assert mail_domains.domain_of(email) == domain


@pytest.mark.parametrize(
    "domain", ["gmail.com", "gmx.de", "eu.proton.me", "acme.test", "localhost.local"]
)
def test_mail_that_anybody_may_have_tells_of_no_customer(domain: str) -> None:
    assert mail_domains.of_customers([f"ann@{domain}"], set()) == []


def call(cast: Cast, *emails: str, title: str = "Call") -> Meeting:
    meeting: Meeting = Meeting.objects.create(
        owner=cast.meeting.owner, title=title, state=Meeting.State.ENDED
    )
    for n, email in enumerate(emails):
        Participant.objects.create(
            meeting=meeting, name=f"P{n}", email=email, consent="recorded"
        )
    return meeting


@pytest.fixture
def site(cast: Cast) -> Cast:
    """People here have addresses of northwind.com."""
    User.objects.filter(pk=cast.meeting.owner_id).update(email="olga@northwind.com")
    return cast


@pytest.mark.parametrize(
    ("emails", "name"),
    [
        (["ann@acme.com", "bob@acme.com"], "acme.com"),
        (["ann@acme.com", "olga@northwind.com", "carl@eu.northwind.com"], "acme.com"),
        (["ann@acme.com", "ann@gmail.com"], "acme.com"),
        (["ann@mail.globex.com", "ann@stranger.org"], "Globex"),
        (["ann@acme.com", "ann@initech.com"], None),
        (["ann@gmail.com"], None),
        (["olga@northwind.com"], None),
        ([], None),
    ],
)
def test_it_files_a_call_under_the_one_customer_it_can_be_of(
    site: Cast, emails: list[str], name: str | None
) -> None:
    globex = Account.objects.create(name="Globex")
    AccountDomain.objects.create(account=globex, domain="globex.com")
    meeting = call(site, *emails)
    assert mail_domains.file_call(meeting, site.owner.user) == bool(name)
    meeting.refresh_from_db()
    assert (meeting.account.name if meeting.account else None) == name


def test_what_somebody_said_by_hand_stays(site: Cast) -> None:
    meeting = call(site, "ann@acme.com")
    meeting.account = Account.objects.create(name="Initech")
    meeting.save()
    assert not mail_domains.file_call(meeting)
    meeting.refresh_from_db()
    assert meeting.account and meeting.account.name == "Initech"


def test_a_name_that_stands_already_gets_the_domain(site: Cast) -> None:
    known = Account.objects.create(name="Acme.com")
    meeting = call(site, "ann@acme.com")
    assert mail_domains.file_call(meeting)
    assert meeting.account == known
    assert list(known.domains.values_list("domain", flat=True)) == ["acme.com"]


def test_a_new_domain_brings_calls_that_had_no_customer(site: Cast) -> None:
    acme, initech = (Account.objects.create(name=n) for n in ("Acme", "Initech"))
    fits, other = call(site, "Ann@ACME.com"), call(site, "ann@notacme.com")
    taken = call(site, "ann@acme.com")
    Meeting.objects.filter(pk=taken.pk).update(account=initech)
    both = call(site, "ann@acme.com", "ann@globex.com")
    globex = Account.objects.create(name="Globex")
    owners = {"acme.com": acme, "globex.com": globex}
    assert mail_domains.file_calls(owners) == 1
    assert list(acme.meetings.all()) == [fits]
    assert list(initech.meetings.all()) == [taken]
    assert Meeting.objects.filter(pk__in=[other.pk, both.pk], account=None).count() == 2


@pytest.mark.parametrize(
    ("email", "side"),
    [
        ("carl@eu.northwind.com", "us"),
        ("ann@acme.com", "them"),
        *(("ann@gmail.com", ""), ("", ""), ("nonsense", "")),
    ],
)
def test_an_address_tells_whose_side_somebody_is_on(
    site: Cast, email: str, side: str
) -> None:
    assert mail_domains.side_of(email) == side


def test_without_a_domain_of_ours_only_known_customers_are_told(cast: Cast) -> None:
    User.objects.update(email="admin@localhost")
    assert mail_domains.side_of("ann@acme.com") == ""
    acme = Account.objects.create(name="Acme")
    AccountDomain.objects.create(account=acme, domain="acme.com")
    assert mail_domains.side_of("ann@eu.acme.com") == "them"

"""Customers as rows: one name is one account, and calls find theirs again."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connections

from meetings.models import Account, AccountDomain, Meeting
from tests.cast import Cast
from tests.migrating import elsewhere, migrate


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Globex", " GLOBEX\u200b "),
        ("Österreich AG", "österreich ag"),
        ("Straße", "STRASSE"),
        ("Cafe\u0301", "Caf\u00c9"),
        ("株式会社", "株式会社"),
    ],
)
def test_it_finds_an_account_however_its_name_is_written(one: str, other: str) -> None:
    made = Account.objects.called(one)
    assert made and Account.objects.called(other) == made
    with pytest.raises(IntegrityError):
        Account.objects.create(name=other)


@pytest.mark.django_db
@pytest.mark.parametrize("nothing", ["", "  ", "\u200b\u202e", "\x00"])
def test_a_name_that_cannot_be_seen_is_no_account(nothing: str) -> None:
    assert Account.objects.called(nothing) is None
    assert not Account.objects.exists()


@pytest.mark.django_db
@pytest.mark.parametrize("letter", ["a", "\u0390", "\ufdfa", "😀"])
def test_it_keeps_the_longest_name_that_people_can_write(letter: str) -> None:
    account = Account.objects.called(letter * 100_000)
    assert account and len(account.name) == 200
    assert Account.objects.called(letter * 200) == account


@pytest.mark.django_db
def test_it_says_that_there_is_one_of_that_name() -> None:
    Account.objects.create(name="Globex")
    with pytest.raises(ValidationError, match="already"):
        Account(name="gLOBEX").full_clean()


@pytest.mark.django_db(transaction=True)
def test_two_who_name_it_at_once_get_the_same() -> None:
    def name(text: str) -> int | None:
        try:
            account = Account.objects.called(text)
            return account.pk if account else None
        finally:
            connections.close_all()

    with ThreadPoolExecutor(4) as pool:
        found = set(pool.map(name, ["Globex", "globex", "GLOBEX", "Globex "] * 4))
    assert found == {Account.objects.get().pk}


@pytest.mark.django_db
def test_a_domain_tells_of_one_account() -> None:
    globex, initech = (Account.objects.create(name=n) for n in ("Globex", "Initech"))
    AccountDomain.objects.create(account=globex, domain="globex.com")
    with pytest.raises(IntegrityError):
        AccountDomain.objects.create(account=initech, domain="globex.com")


@pytest.mark.django_db
@pytest.mark.parametrize(
    "wrong", ["", "com", "a@b.com", "-a.com", "a..com", "a b.com", "x" * 250 + ".com"]
)
def test_what_is_no_domain_is_none(wrong: str) -> None:
    with pytest.raises(ValidationError):
        AccountDomain(account=Account(name="A"), domain=wrong).clean_fields()


def test_accounts_are_seen_by_who_sees_a_call_of_theirs(cast: Cast) -> None:
    ours = Account.objects.create(name="Ours")
    Meeting.objects.filter(pk=cast.meeting.pk).update(account=ours)
    Account.objects.create(name="Made", created_by=cast.stranger.user)
    Account.objects.create(name="Of nobody")
    staff = User.objects.create_user("staff", is_staff=True)

    def seen(user: User | None) -> list[str]:
        assert user
        names = Account.objects.visible_to(user).values_list("name", flat=True)
        return list(names)

    assert seen(cast.owner.user) == seen(cast.teammate.user) == ["Ours"]
    assert seen(cast.stranger.user) == ["Made"]
    assert seen(staff) == ["Made", "Of nobody", "Ours"]
    Meeting.objects.filter(pk=cast.meeting.pk).update(visibility="private")
    assert seen(cast.teammate.user) == []


@pytest.mark.django_db(transaction=True)
def test_texts_of_calls_become_accounts_and_texts_again(tmp_path: Path) -> None:
    texts = ["Globex", "GLOBEX ", "", "Österreich", "österreich", "\u0390" * 200]
    kept = ["Globex", "Globex", "", "Österreich", "Österreich", "\u0390" * 200]
    with elsewhere(tmp_path):
        old = migrate("meetings", "0014_ways_out")
        owner = old.get_model("auth", "User").objects.create(username="olga")
        for n, text in enumerate(texts):
            calls = old.get_model("meetings", "Meeting").objects
            calls.create(code=f"c{n}", owner=owner, account=text)
        calls = migrate("meetings", "0015_accounts").get_model("meetings", "Meeting")
        accounts = [call.account for call in calls.objects.order_by("pk")]
        assert [account.name if account else "" for account in accounts] == kept
        calls = migrate("meetings", "0014_ways_out").get_model("meetings", "Meeting")
        assert [call.account for call in calls.objects.order_by("pk")] == kept

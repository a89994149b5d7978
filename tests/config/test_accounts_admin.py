"""Accounts that an admin adds can sign in, and know where they stand."""

import re
from typing import Any

import pytest
from django.contrib.auth.models import Permission, User
from django.core import mail
from django.test import Client

from meetings.models import Team
from tests.cast import Cast

BACKEND = "django.contrib.auth.backends.ModelBackend"
ADD = "/admin/auth/user/add/"

pytestmark = pytest.mark.django_db


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user, BACKEND)
    return client


@pytest.fixture
def boss() -> Client:
    return signed_in(User.objects.create_superuser("boss", "boss@example.com"))


@pytest.fixture
def helper() -> Client:
    """Staff who may change accounts, and is no superuser."""
    user = User.objects.create_user("helper", "helper@example.com", is_staff=True)
    names = ["add_user", "change_user", "view_user", "delete_user"]
    user.user_permissions.set(Permission.objects.filter(codename__in=names))
    return signed_in(user)


def add(admin: Client, **fields: Any) -> str:
    """The page after an account was added."""
    form = {"email": "Ben@Example.com", "first_name": "Ben", "last_name": "", **fields}
    answer = admin.post(ADD, form, follow=True)
    assert answer.status_code == 200
    return answer.content.decode()


def test_a_new_account_gets_its_team_and_a_link_that_signs_in(boss: Client) -> None:
    sales = Team.objects.create(name="Sales")
    page = add(boss, groups=[sales.pk])
    ben = User.objects.get(email__iexact="ben@example.com")
    assert not ben.has_usable_password()
    assert list(ben.groups.values_list("name", flat=True)) == ["Sales"]
    found = re.search(r'value="http://localhost:8000(/signin/[^"]+)"', page)
    assert found and "Copy the link" in page and "In no team" not in page
    assert Client().post(found[1]).headers["Location"] == "/"


@pytest.mark.parametrize("wrong", ["", "no-address", "BOSS@example.com"])
def test_it_takes_no_account_that_could_never_sign_in(boss: Client, wrong: str) -> None:
    assert "errorlist" in add(boss, email=wrong)
    assert User.objects.count() == 1


def test_a_user_name_of_somebody_else_is_no_obstacle(boss: Client) -> None:
    User.objects.create_user("ben@example.com", "old@example.com")
    add(boss)
    assert User.objects.filter(email__iexact="ben@example.com").exists()


def test_it_sends_the_link_where_mail_is_set_up(boss: Client, settings: Any) -> None:
    add(boss)
    assert mail.outbox == []
    settings.SENDS_MAIL = True
    page = add(boss, email="carol@example.com", first_name="Carol")
    assert "sent to carol@example.com" in page
    (sent,) = mail.outbox
    assert sent.body.startswith("Hello Carol,") and sent.to == ["carol@example.com"]
    found = re.search(r"http://localhost:8000(/signin/\S+)", str(sent.body))
    assert found and Client().get(found[1]).status_code == 200


def test_it_says_when_the_mail_server_is_away(
    boss: Client, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*args: Any) -> None:
        raise ConnectionRefusedError

    settings.SENDS_MAIL = True
    monkeypatch.setattr("django.core.mail.EmailMessage.send", refuse)
    assert "copy it from here" in add(boss)


def test_nobody_without_the_right_gets_a_link(cast: Cast, boss: Client) -> None:
    ben = User.objects.create_user("ben", "ben@example.com")
    path = f"/admin/auth/user/{ben.pk}/link/"
    for visitor in cast.everybody:
        for answer in (visitor.client.get(path), visitor.client.post(path)):
            refused = answer.headers.get("Location", "").startswith("/admin/login/")
            assert refused or answer.status_code == 403, visitor.name
    assert boss.get(path).status_code == 200
    assert boss.get("/admin/auth/user/999999/link/").status_code == 403


def test_who_manages_accounts_takes_over_none_with_more_rights(helper: Client) -> None:
    boss = User.objects.create_superuser("boss", "boss@example.com")
    ben = User.objects.create_user("ben", "ben@example.com")
    base = "/admin/auth/user/{}/{}/"
    assert helper.get(base.format(boss.pk, "link")).status_code == 403
    assert (
        helper.post(base.format(boss.pk, "delete"), {"post": "yes"}).status_code == 403
    )
    assert helper.post(base.format(boss.pk, "password"), {}).status_code == 403
    assert helper.get(base.format(ben.pk, "link")).status_code == 200
    form = {"email": "ben@example.com", "is_active": "on", "is_superuser": "on"}
    assert helper.post(base.format(ben.pk, "change"), form).status_code == 302
    ben.refresh_from_db()
    assert not ben.is_superuser and ben.is_active


def test_an_account_that_is_switched_off_has_no_link(boss: Client) -> None:
    ben = User.objects.create_user("ben", "ben@example.com", is_active=False)
    page = boss.get(f"/admin/auth/user/{ben.pk}/link/").content.decode()
    assert "/signin/" not in page and "switched off" in page


def test_who_is_in_no_team_is_told_and_so_is_the_admin(
    cast: Cast, boss: Client
) -> None:
    def told(client: Client) -> bool:
        return "in no team" in client.get("/").content.decode()

    assert {v.name for v in cast.everybody if v.user and told(v.client)} == {"stranger"}
    assert told(boss)
    listed = boss.get("/admin/auth/user/?team=none").content.decode()
    assert "stranger@example.com" in listed and "owner@example.com" not in listed
    assert "sees only calls that they hold or join" in listed
    assert cast.stranger.user
    cast.stranger.user.groups.add(Team.objects.create(name="Support"))
    assert not told(boss) and not told(cast.stranger.client)


def test_a_team_lists_its_people(cast: Cast, boss: Client) -> None:
    team = Team.objects.get(name="Sales")
    page = boss.get(f"/admin/meetings/team/{team.pk}/change/").content.decode()
    assert "owner, teammate" in page
    assert boss.get("/admin/auth/group/").status_code == 404

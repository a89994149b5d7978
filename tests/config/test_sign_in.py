"""The first admin and one-time sign-in links."""

from concurrent.futures import ThreadPoolExecutor
from io import StringIO
from threading import Barrier

import pytest
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client

from config.accounts import first_admin, sign_in_path, tokens

pytestmark = pytest.mark.django_db


def test_it_makes_the_first_admin_once() -> None:
    admin = first_admin()
    assert admin and admin.is_superuser and not admin.has_usable_password()
    assert first_admin() == admin
    assert User.objects.count() == 1


def test_it_needs_no_link_once_the_password_is_set() -> None:
    admin = first_admin()
    assert admin
    admin.set_password("correct horse battery")
    admin.save()
    assert first_admin() is None


def test_it_signs_in_once(client: Client) -> None:
    user = User.objects.create_user("anna", "anna@example.com")
    path = sign_in_path(user)
    assert client.post(path).headers["Location"] == "/"
    assert client.session["_auth_user_id"] == str(user.pk)
    for late in (Client().get(path), Client().post(path)):
        assert late.status_code == 410


def test_a_preview_of_the_link_does_not_use_it_up(client: Client) -> None:
    """Mail and chat programs ask for each address that they show."""
    anna = User.objects.create_user(
        "anna", "anna@example.com", first_name="Anna\u202e", last_name="Berg"
    )
    path = sign_in_path(anna)
    for robot in (Client().head(path), Client().get(path), Client().get(path)):
        assert robot.status_code == 200 and "sessionid" not in robot.cookies
    page = client.get(path).content.decode()
    assert "Sign in as Anna Berg</h1>" in page
    assert client.post(path).headers["Location"] == "/"


def test_nobody_else_can_press_the_button() -> None:
    """Another site's form would sign its visitor in as somebody else."""
    user = User.objects.create_user("anna", "anna@example.com")
    stranger = Client(enforce_csrf_checks=True)
    assert stranger.post(sign_in_path(user)).status_code == 403


@pytest.mark.django_db(transaction=True)
def test_ten_who_use_a_link_at_once_are_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """All of them saw the token before the first one was in."""
    anna = User.objects.create_user("anna", "anna@example.com")
    path, check = sign_in_path(anna), tokens.check_token
    together = Barrier(10)

    def slow(user: User, token: str) -> bool:
        good = check(user, token)
        together.wait(20)
        return good

    monkeypatch.setattr(tokens, "check_token", slow)

    def visit(_: int) -> int:
        try:
            return Client().post(path).status_code
        finally:
            connection.close()

    with ThreadPoolExecutor(10) as people:
        answers = list(people.map(visit, range(10)))
    assert sorted(answers) == [302] + [410] * 9


@pytest.mark.parametrize("path", ["/signin/MQ/wrong-token/", "/signin/%FF/x-y/"])
def test_it_refuses_a_forged_link(client: Client, path: str) -> None:
    assert client.get(path).status_code == 410


def test_it_prints_a_link_for_an_account() -> None:
    User.objects.create_user("anna", "anna@example.com")
    out = StringIO()
    call_command("signin_link", "Anna@example.com", stdout=out)
    assert out.getvalue().startswith("http://localhost:8000/signin/")
    with pytest.raises(CommandError, match="ben@example.com"):
        call_command("signin_link", "ben@example.com")

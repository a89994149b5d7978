"""The first admin and one-time sign-in links."""

from io import StringIO

import pytest
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command
from django.test import Client

from config.accounts import first_admin, sign_in_path

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
    assert client.get(path).headers["Location"] == "/"
    assert client.session["_auth_user_id"] == str(user.pk)
    assert Client().get(path).status_code == 410


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

"""Forgotten, changed and first passwords, and the mails about them."""

import re
import smtplib
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core import mail
from django.test import Client

from tests.cast import Cast

pytestmark = pytest.mark.django_db

OLD, NEW = "correct horse battery", "staple of another horse"


@pytest.fixture
def anna() -> User:
    return User.objects.create_user("anna", "anna@example.com", OLD, first_name="Anna")


@pytest.fixture
def signed_in(anna: User, client: Client) -> Client:
    assert client.login(username="anna", password=OLD)
    return client


def ask(client: Client, address: str) -> str:
    """The page after somebody forgot their password."""
    answer = client.post("/accounts/password/reset/", {"email": address}, follow=True)
    return answer.content.decode()


def test_there_is_one_way_to_a_forgotten_password(client: Client) -> None:
    page = client.get("/accounts/login/").content.decode()
    assert page.lower().count("forgot") == 1


def test_it_says_whom_to_ask_where_no_mail_is_sent(
    client: Client, settings: Any
) -> None:
    for sends in (False, True):
        settings.SENDS_MAIL = sends
        page = client.get("/accounts/password/reset/").content.decode()
        assert ("Ask your admin for a sign-in link" in page) != sends
        assert ("Send the link" in page) == sends


def test_the_mail_speaks_plainly_and_leads_home(
    anna: User, client: Client, settings: Any
) -> None:
    """Whatever host the request names: the link is worth a password."""
    settings.PUBLIC_URL = "https://calls.example.com"
    assert "Look into your mail" in ask(client, anna.email)
    (sent,) = mail.outbox
    assert sent.subject == "A new password for Earshot"
    assert sent.body.startswith("Hello Anna,") and "within 24 hours" in sent.body
    assert "example.com" not in sent.body.replace("https://calls.example.com", "")
    found = re.search(r"https://calls\.example\.com(/accounts/\S+)", str(sent.body))
    assert found
    form = client.get(found[1], follow=True)
    answer = client.post(
        form.redirect_chain[-1][0], {"password1": NEW, "password2": NEW}, follow=True
    )
    assert "Your new password is set" in answer.content.decode()
    assert Client().login(username="anna", password=NEW)


def test_who_has_no_account_gets_no_mail(client: Client) -> None:
    assert "Look into your mail" in ask(client, "nobody@example.com")
    assert mail.outbox == []


@pytest.mark.parametrize(
    "failure", [smtplib.SMTPServerDisconnected(), ConnectionRefusedError()]
)
def test_a_mail_server_that_is_away_costs_no_page(
    anna: User, client: Client, monkeypatch: pytest.MonkeyPatch, failure: Exception
) -> None:
    def send(*args: Any) -> None:
        raise failure

    monkeypatch.setattr("django.core.mail.EmailMessage.send", send)
    assert "ask your admin" in ask(client, anna.email)


def test_after_a_change_the_page_says_that_it_holds(signed_in: Client) -> None:
    elsewhere = Client()
    elsewhere.login(username="anna", password=OLD)
    passwords = {"oldpassword": OLD, "password1": NEW, "password2": NEW}
    answer = signed_in.post("/accounts/password/change/", passwords, follow=True)
    page = answer.content.decode()
    assert "<h1>Your new password is set</h1>" in page
    assert "<form" not in page[page.index("<main") :]
    assert signed_in.get("/").status_code == 200
    assert elsewhere.get("/").status_code == 302


def test_a_first_password_is_told_of_as_well(client: Client) -> None:
    client.force_login(
        User.objects.create_user("ben", "ben@example.com"),
        "django.contrib.auth.backends.ModelBackend",
    )
    passwords = {"password1": NEW, "password2": NEW}
    answer = client.post("/accounts/password/set/", passwords, follow=True)
    assert "<h1>Your new password is set</h1>" in answer.content.decode()


def test_who_is_signed_in_sees_that_page(cast: Cast) -> None:
    signed_in = {v.name for v in cast.everybody if v.user}
    assert cast.let_in("/accounts/password/changed/") == signed_in

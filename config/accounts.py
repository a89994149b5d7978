"""Accounts are Django's users; they sign in by e-mail and are made by an admin."""

from typing import Any
from urllib.parse import urlsplit

import structlog
from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.forms import LoginForm as AllauthLoginForm
from django.conf import settings
from django.contrib.auth import get_user_model, login
from django.contrib.auth.decorators import login_required
from django.contrib.auth.models import User
from django.contrib.auth.tokens import PasswordResetTokenGenerator
from django.core.mail import EmailMessage
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_decode, urlsafe_base64_encode
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from meetings.models.names import one_line

log = structlog.get_logger(__name__)

FIRST_ADMIN = "admin@localhost"


class AccountAdapter(DefaultAccountAdapter):
    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def get_password_change_redirect_url(self, request: HttpRequest) -> str:
        return reverse("password_changed")

    def get_reset_password_from_key_url(self, key: str) -> str:
        """At our own address, whatever host the request named."""
        path = urlsplit(super().get_reset_password_from_key_url(key)).path
        return f"{settings.PUBLIC_URL}{path}"

    def send_mail(self, template_prefix: str, email: str, context: Any) -> None:
        """A mail server that is away costs no page: the log has it, and the page says
        whom to ask when no mail comes."""
        try:
            super().send_mail(template_prefix, email, context)
        except OSError as error:  # SMTPException is one, too
            log.error("a mail was not sent", mail=template_prefix, error=str(error))


class LoginForm(AllauthLoginForm):
    """The page has its own way to a forgotten password: one is enough."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["password"].help_text = ""


class SignInTokens(PasswordResetTokenGenerator):
    """Tokens that die with the first sign-in: the last sign-in is part of the hash."""

    key_salt = "earshot.sign-in-link"


tokens = SignInTokens()


def display_name(user: User) -> str:
    """One line: pages and mails show it."""
    mailbox = user.email.partition("@")[0]
    return one_line(user.get_full_name()) or one_line(mailbox) or user.username


def without_team() -> QuerySet[User]:
    """Active accounts that see no calls of others."""
    users = get_user_model().objects.filter(is_active=True, is_superuser=False)
    return users.filter(groups=None)


def first_admin() -> User | None:
    """The account of a fresh installation until its password is set; made on demand."""
    users = get_user_model().objects
    if not users.exists():
        return users.create_superuser(
            username="admin", email=FIRST_ADMIN, password=None, first_name="Admin"
        )
    admin = users.filter(username="admin", is_superuser=True).first()
    return admin if admin and not admin.has_usable_password() else None


def sign_in_path(user: User) -> str:
    """An address that signs ``user`` in once, within SIGN_IN_LINK_SECONDS."""
    uid = urlsafe_base64_encode(force_bytes(user.pk))
    return reverse("sign_in_link", args=[uid, tokens.make_token(user)])


def sign_in_address(user: User) -> str:
    """``sign_in_path`` as people copy it."""
    return f"{settings.PUBLIC_URL}{sign_in_path(user)}"


def sends_mail() -> bool:
    """Whether a mail server is set up (EMAIL_URL)."""
    return bool(settings.SENDS_MAIL)


def mail_sign_in_link(user: User) -> bool:
    """Send ``user`` a new sign-in link; whether the mail server took it."""
    context = {
        "person": display_name(user),
        "link": sign_in_address(user),
        "login": f"{settings.PUBLIC_URL}{reverse('account_login')}",
    }
    text = render_to_string("account/email/sign_in_link_message.txt", context)
    try:
        EmailMessage("Your Earshot account", text, to=[user.email]).send()
    except OSError as error:  # SMTPException is one, too
        log.error("a mail was not sent", mail="sign-in link", error=str(error))
        return False
    return True


@login_required
@require_safe
def password_changed(request: HttpRequest) -> HttpResponse:
    return render(request, "account/password_changed.html")


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def sign_in_link(request: HttpRequest, uid: str, token: str) -> HttpResponse:
    """A page with a button: previews of a link in mails and chats do not use it up."""
    user = _user(uid)
    good = user and user.is_active and tokens.check_token(user, token)
    if user is None or not good:
        return render(request, "account/link_expired.html", status=410)
    if request.method != "POST":
        context = {"person": display_name(user), "email": user.email}
        return render(request, "account/sign_in_link.html", context)
    if not _claim(user):
        return render(request, "account/link_expired.html", status=410)
    login(request, user, "django.contrib.auth.backends.ModelBackend")
    return redirect("/")


def _claim(user: User) -> bool:
    """Whether this request is the first of those that came with the link at once."""
    users = get_user_model().objects.filter(pk=user.pk, last_login=user.last_login)
    return bool(users.update(last_login=timezone.now()))


def _user(uid: str) -> User | None:
    try:
        pk = int(urlsafe_base64_decode(uid))
    except ValueError:
        return None
    return get_user_model().objects.filter(pk=pk).first()

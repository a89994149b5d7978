"""Whose a meeting is that a command makes."""

from django.contrib.auth import get_user_model
from django.contrib.auth.models import User
from django.core.management.base import CommandError


def owner_of(email: str | None) -> User:
    """The account of that address, else the first admin. Raises CommandError."""
    users = get_user_model().objects.filter(is_active=True)
    if email:
        found = users.filter(email__iexact=email).first()
        if found is None:
            raise CommandError(f"No account has the e-mail address {email}")
        return found
    admin = users.filter(is_superuser=True).order_by("pk").first()
    if admin is None:
        raise CommandError("No account yet: run make run once, or give --owner EMAIL")
    return admin

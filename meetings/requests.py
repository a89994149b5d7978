"""Requests as views see them once a decorator has done its work."""

from django.contrib.auth.models import User
from django.http import HttpRequest


class AuthenticatedRequest(HttpRequest):
    """Behind ``login_required``: the user is an account, not anonymous."""

    user: User

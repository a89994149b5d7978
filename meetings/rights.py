"""Rights that changed, told to every process with open sockets, to be looked up anew.

A word that is lost costs time, not safety: each socket asks by itself now and then.
"""

import json
from typing import Any

import structlog
from django.contrib.auth import get_user_model
from django.contrib.auth.signals import user_logged_out
from django.db import transaction
from django.db.models.signals import m2m_changed, post_delete, post_save
from redis.exceptions import RedisError

from meetings.models import Meeting
from meetings.valkey import client, key

log = structlog.get_logger(__name__)

CHANNEL = key("rights")
HARMLESS = {"last_login"}  # a sign-in takes no right away


def changed(*, meeting: int | None = None, user: int | None = None) -> None:
    """Say that rights of, or to, this one may have changed; after the transaction."""
    word = json.dumps({"meeting": meeting, "user": user})
    transaction.on_commit(lambda: _tell(word))


def _tell(word: str) -> None:
    try:
        client().publish(CHANNEL, word)
    except RedisError as error:
        log.warning("open pages were not told of a right", why=str(error))


def _user_saved(sender: Any, instance: Any, **about: Any) -> None:
    fields = set(about.get("update_fields") or ())
    if not about.get("created") and not (fields and fields <= HARMLESS):
        changed(user=instance.pk)


def _signed_out(sender: Any, user: Any, **about: Any) -> None:
    if user:
        changed(user=user.pk)


def _groups_changed(sender: Any, instance: Any, action: str, **about: Any) -> None:
    if action.startswith("post_"):
        # From the group's side many users are meant: everybody is looked at.
        changed(user=instance.pk if isinstance(instance, get_user_model()) else None)


def _meeting_saved(sender: Any, instance: Meeting, **about: Any) -> None:
    if not about.get("created"):
        changed(meeting=instance.pk)


def _meeting_deleted(sender: Any, instance: Meeting, **about: Any) -> None:
    changed(meeting=instance.pk)


def watch_rows() -> None:
    """Tell of users, groups and meetings that are saved; once, at start."""
    users: Any = get_user_model()
    post_save.connect(_user_saved, sender=users)
    post_delete.connect(_user_saved, sender=users)
    m2m_changed.connect(_groups_changed, sender=users.groups.through)
    user_logged_out.connect(_signed_out)
    post_save.connect(_meeting_saved, sender=Meeting)
    post_delete.connect(_meeting_deleted, sender=Meeting)

"""The standing cast: six visitors for every page, media address and websocket.

    def test_it_shows_the_call(cast: Cast) -> None:
        assert cast.let_in(f"/calls/{cast.code}/") == {"owner", "teammate"}

A socket test needs ``@pytest.mark.django_db(transaction=True)``, because its rows are
read on other connections::

    assert await cast.let_in_by_socket(f"/ws/room/{cast.code}/") == {"owner", "guest"}
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, fields
from datetime import timedelta
from typing import Any

from channels.testing import WebsocketCommunicator
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.auth.models import Group, User
from django.contrib.sessions.backends.db import SessionStore
from django.http import HttpResponse
from django.test import Client
from django.utils import timezone

from meetings import access
from meetings.models import GuestLink, Meeting, Participant

ORIGIN = settings.PUBLIC_URL
REFUSALS = {401, 403, 404, 410}
Recorded = Participant.Consent


@dataclass(frozen=True)
class Visitor:
    """One browser: ``client`` holds its session. A guest has a link and no account."""

    name: str
    client: Client
    user: User | None = None
    seat: Participant | None = None
    link: GuestLink | None = None

    @property
    def headers(self) -> list[tuple[bytes, bytes]]:
        """What this browser sends when it opens a websocket from our page."""
        cookies = "; ".join(f"{c.key}={c.value}" for c in self.client.cookies.values())
        return [
            (b"host", b"localhost"),
            (b"origin", ORIGIN.encode()),
            (b"cookie", cookies.encode()),
        ]

    def gets_in(self, path: str, method: str = "get", **request: Any) -> bool:
        answer: HttpResponse = getattr(self.client, method)(path, **request)
        if answer.status_code < 400:
            return not answer.headers.get("Location", "").startswith("/accounts/login/")
        assert answer.status_code in REFUSALS, f"{self.name}: {answer.status_code}"
        return False

    async def opens(self, path: str) -> bool:
        async with self.socket(path) as (accepted, _):
            return accepted

    @asynccontextmanager
    async def socket(
        self, path: str
    ) -> AsyncIterator[tuple[bool, WebsocketCommunicator]]:
        """Open a websocket; yields whether it was accepted, and the socket."""
        from config.asgi import application

        socket = WebsocketCommunicator(application, path, headers=self.headers)
        accepted, _ = await socket.connect(timeout=5)
        try:
            yield accepted, socket
        finally:
            await socket.disconnect(timeout=5)


@dataclass(frozen=True)
class Cast:
    """A live meeting and who may or may not come to it.

    ``owner`` and ``guest`` sit in its room, recorded. ``teammate`` shares a group with
    the owner. ``other_guest`` sits in a meeting of ``stranger``, who has an account and
    nothing to do with ours. ``nobody`` is not signed in.
    """

    meeting: Meeting
    owner: Visitor
    teammate: Visitor
    guest: Visitor
    other_guest: Visitor
    stranger: Visitor
    nobody: Visitor

    @property
    def code(self) -> str:
        return self.meeting.code

    @property
    def everybody(self) -> list[Visitor]:
        values = [getattr(self, field.name) for field in fields(self)]
        return [value for value in values if isinstance(value, Visitor)]

    def let_in(self, path: str, method: str = "get", **request: Any) -> set[str]:
        """Names of those whom the address serves; the others must be refused.

        Sent to the sign-in page counts as refused, a server error fails the test.
        """
        return {v.name for v in self.everybody if v.gets_in(path, method, **request)}

    async def let_in_by_socket(self, path: str) -> set[str]:
        """Names of those whose websocket is accepted."""
        return {v.name for v in self.everybody if await v.opens(path)}


def raise_curtain() -> Cast:
    """The cast, through the models and the gates that the product uses."""
    owner, teammate, stranger = map(_account, ("owner", "teammate", "stranger"))
    team = Group.objects.create(name="Sales")
    team.user_set.add(owner, teammate)
    meeting, other = live_meeting(owner, "Discovery call"), live_meeting(stranger)
    return Cast(
        meeting=meeting,
        owner=_signed_in("owner", owner, _seat(meeting, "Olga Owner", user=owner)),
        teammate=_signed_in("teammate", teammate),
        guest=_guest("guest", meeting),
        other_guest=_guest("other_guest", other),
        stranger=_signed_in("stranger", stranger),
        nobody=Visitor("nobody", Client()),
    )


def live_meeting(owner: User, title: str = "") -> Meeting:
    """A meeting whose recording began now."""
    return Meeting.objects.create(
        owner=owner,
        title=title,
        state=Meeting.State.LIVE,
        started_at=timezone.now(),
    )


def _account(name: str) -> User:
    return User.objects.create_user(
        name, f"{name}@example.com", first_name=name, last_login=timezone.now()
    )


def _seat(meeting: Meeting, name: str, **who: Any) -> Participant:
    side = Participant.Side.US if who.get("user") else Participant.Side.THEM
    return Participant.objects.create(
        meeting=meeting,
        name=name,
        side=side,
        consent=Recorded.RECORDED,
        entered_at=meeting.started_at,
        **who,
    )


def _signed_in(name: str, user: User, seat: Participant | None = None) -> Visitor:
    """What force_login() leaves, without the sessions that it makes on the way."""
    session = SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    if seat:
        access.take_seat(session, seat)
    return Visitor(name, _client(session), user, seat)


def _client(session: SessionStore) -> Client:
    session.save()
    client = Client()
    client.cookies[settings.SESSION_COOKIE_NAME] = str(session.session_key)
    return client


def _guest(name: str, meeting: Meeting) -> Visitor:
    """Somebody who followed a guest link of ``meeting`` and chose to be recorded."""
    link = GuestLink.objects.create(
        meeting=meeting,
        created_by=meeting.owner,
        expires_at=timezone.now() + timedelta(hours=1),
    )
    seat = _seat(meeting, f"Gita {name.title()}", link=link)
    session = SessionStore()
    access.redeem(session, link)
    access.take_seat(session, seat)
    return Visitor(name, _client(session), seat=seat, link=link)

"""Playback addresses of a call: made and taken back by its host.

A token is made of the row's id and signed, so that the host can copy it again and no
secret is kept.
"""

from datetime import timedelta
from uuid import UUID

from django.conf import settings
from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone
from django.utils.crypto import constant_time_compare, salted_hmac

from meetings.media.egress.live_hls import PLAYLIST
from meetings.models import Meeting, Outlet
from meetings.rooms import orders

SALT = "earshot.outlet"
MOST = 8  # addresses of one meeting


class TooManyAddresses(Exception):
    """The meeting has as many addresses as it may have."""


def make(meeting: Meeting, user: User, kind: str) -> Outlet:
    """A new address, for as long as a guest link lasts.

    Raises TooManyAddresses, NotDone.
    """
    with transaction.atomic():
        # two who make one at once wait for each other
        Meeting.objects.select_for_update().get(pk=meeting.pk)
        if meeting.outlets.count() >= MOST:
            raise TooManyAddresses
        outlet: Outlet = Outlet.objects.create(
            meeting=meeting,
            kind=kind,
            created_by=user,
            expires_at=timezone.now() + timedelta(hours=settings.GUEST_LINK_HOURS),
        )
    orders.give(meeting.pk, "look")
    return outlet


def take_back(outlet: Outlet) -> None:
    """Nobody plays the call by it any more. Raises NotDone: the address opens nothing,
    and nobody said that those who play it are out yet."""
    meeting_id = outlet.meeting_id
    outlet.delete()
    orders.give(meeting_id, "look")


def token_of(outlet: Outlet) -> str:
    return outlet.pk.hex + _signature(outlet.pk)


def from_token(token: str) -> Outlet | None:
    """The usable address that ``token`` was made for; None when forged or spent."""
    id, signature = token[:32], token[32:]
    try:
        pk = UUID(hex=id)
    except ValueError:
        return None
    if not constant_time_compare(signature, _signature(pk)):
        return None
    outlet = Outlet.objects.select_related("meeting").filter(pk=pk).first()
    return outlet if outlet and outlet.is_usable else None


def _signature(pk: UUID) -> str:
    return salted_hmac(SALT, pk.hex, algorithm="sha256").hexdigest()[:32]


def address_of(outlet: Outlet) -> str:
    """Where it is played; the token of WHEP goes with it, never into it."""
    if outlet.kind == Outlet.Kind.HLS:
        return f"{settings.PUBLIC_URL}/listen/{token_of(outlet)}/{PLAYLIST}"
    return f"{settings.PUBLIC_URL}/whep/{outlet.meeting.code}/"

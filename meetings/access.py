"""Who gets in: pages by ``Meeting.objects.visible_to``, rooms by a seat.

A seat is a participant row that this browser session holds: put there when a guest
link was redeemed and a choice made, or when a user who may see the meeting joined.
"""

from collections.abc import MutableMapping
from dataclasses import dataclass
from typing import Any

from django.contrib.auth.models import AbstractBaseUser, AnonymousUser
from django.core import signing
from django.http import Http404
from django.utils import timezone

from meetings.models import GuestLink, Knock, Meeting, Participant

Session = MutableMapping[str, Any]

LINK_SALT = "earshot.guest-link"
LINKS = "guest_links"  # session key: code -> id of the redeemed link
SEATS = "seats"  # session key: code -> participant id
KNOCKS = "knocks"  # session key: code -> id of the knock of who waits


def get_meeting_for(user: AbstractBaseUser | AnonymousUser, code: str) -> Meeting:
    """The meeting, or 404 as if it did not exist."""
    try:
        return Meeting.objects.visible_to(user).get(code=code)
    except Meeting.DoesNotExist:
        raise Http404 from None


def token_for(link: GuestLink) -> str:
    return signing.dumps(str(link.pk), salt=LINK_SALT)


def link_from(token: str) -> GuestLink | None:
    """The usable link that ``token`` was signed for; None when forged or spent."""
    try:
        pk = signing.loads(token, salt=LINK_SALT)
    except signing.BadSignature:
        return None
    link = GuestLink.objects.select_related("meeting").filter(pk=pk).first()
    return link if link and link.is_usable else None


def is_signed(token: str) -> bool:
    """Whether ``token`` came from here, usable or not."""
    try:
        signing.loads(token, salt=LINK_SALT)
    except signing.BadSignature:
        return False
    return True


def redeem(session: Session, link: GuestLink) -> None:
    session[LINKS] = {**session.get(LINKS, {}), link.meeting.code: str(link.pk)}


def redeemed_link(session: Session, code: str) -> GuestLink | None:
    """The still usable link by which this browser came to the meeting ``code``."""
    pk = session.get(LINKS, {}).get(code)
    link = (
        GuestLink.objects.select_related("meeting")
        .filter(pk=pk, meeting__code=code)
        .first()
        if pk
        else None
    )
    return link if link and link.is_usable else None


def room_for(
    user: AbstractBaseUser | AnonymousUser, session: Session, code: str
) -> Meeting:
    """The meeting whose room this visitor may enter, or 404."""
    link = redeemed_link(session, code)
    seat = None if link else seat_of(user, session, code)
    known = link or seat
    return known.meeting if known else get_meeting_for(user, code)


def is_removed(user: AbstractBaseUser | AnonymousUser, meeting: Meeting) -> bool:
    """Whether the host put this account out of the room."""
    if not user.is_authenticated:
        return False
    seats = meeting.participants.filter(user_id=user.pk)
    return seats.filter(removed_at__isnull=False).exists()


def take_seat(session: Session, participant: Participant) -> None:
    code = participant.meeting.code
    session[SEATS] = {**session.get(SEATS, {}), code: participant.pk}


def seat_of(
    user: AbstractBaseUser | AnonymousUser, session: Session, code: str
) -> Participant | None:
    """The participant this browser is in meeting ``code``; None without a right to it.

    A guest's seat ends with the link; a user's with the right to see the meeting; both
    when the host removes them.
    """
    pk = session.get(SEATS, {}).get(code)
    seat = (
        Participant.objects.select_related("meeting", "link", "user")
        .filter(pk=pk, meeting__code=code)
        .first()
        if pk
        else None
    )
    if seat is None or seat.removed_at:
        return None
    if seat.is_guest:
        return seat if seat.link and still_good(seat.link) else None
    same = user.is_authenticated and seat.user_id == user.pk
    return seat if same else None


def note_knock(session: Session, knock: Knock) -> None:
    session[KNOCKS] = {**session.get(KNOCKS, {}), knock.meeting.code: knock.pk}


def knock_of(
    user: AbstractBaseUser | AnonymousUser, session: Session, code: str
) -> Knock | None:
    """Who this browser is at the door of meeting ``code``, while the link is good."""
    pk = session.get(KNOCKS, {}).get(code)
    knock = (
        Knock.objects.select_related("meeting__owner", "link__meeting", "user")
        .filter(pk=pk, meeting__code=code)
        .first()
        if pk
        else None
    )
    if knock is None or not still_good(knock.link):
        return None
    return knock if knock.user_id in (None, user.pk) else None


def still_good(link: GuestLink) -> bool:
    """A closed or expired link ends new visits, not a call that is going on;
    revocation ends both."""
    return link.revoked_at is None and (
        timezone.now() < link.expires_at or link.meeting.is_live
    )


@dataclass(frozen=True)
class Reader:
    """Somebody who may read a meeting's captions, from ``from_ms`` of its clock on."""

    meeting: Meeting
    name: str  # the same for all browsers of one person
    from_ms: int = 0


def reader_of(
    user: AbstractBaseUser | AnonymousUser, session: Session, code: str
) -> Reader | None:
    """By the gate, or by a seat; None without a right to the captions.

    Guests see rooms, not pages: they read while they are in, what was said since they
    first came in, until the end.
    """
    meeting = Meeting.objects.visible_to(user).filter(code=code).first()
    if meeting:
        name = f"user {user.pk}"
        return None if is_removed(user, meeting) else Reader(meeting, name)
    seat = seat_of(user, session, code)
    return _guest_reader(seat) if seat else None


def _guest_reader(seat: Participant) -> Reader | None:
    inside = seat.entered_at is not None and seat.left_at is None
    if not (inside and seat.meeting.is_live):
        return None
    return Reader(
        seat.meeting, f"seat {seat.pk}", seat.meeting.clock_ms(seat.entered_at)
    )

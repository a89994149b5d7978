"""What people do with sources: add, stop, start and remove them."""

import hashlib
import re
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from django.conf import settings
from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone

from meetings import services
from meetings.models import ConsentChoice, Meeting, Participant, Source
from meetings.models.participant import SOUND_TEXT, TAB_TEXT
from meetings.rooms import orders
from meetings.sources import srt_address

log = structlog.get_logger(__name__)

TOKEN = re.compile(r"[A-Za-z0-9_-]{32}")
MOST = 8  # sources of one meeting


class TooMany(Exception):
    """The meeting has as many sources as it may have."""


@dataclass(frozen=True)
class Added:
    """A new source with the token that nobody is told a second time."""

    source: Source
    token: str  # of WHIP; empty where the address has all, and for one that is pulled


def add(
    meeting: Meeting,
    user: User,
    kind: str,
    name: str,
    url: str = "",
    *,
    address: str = "",
    start: bool = True,
    text: str = SOUND_TEXT,
) -> Added:
    """Make a source of a meeting and the person its sound is recorded as.

    ``address``: of who adds it, and ``text``: the words by which they state that those
    who are heard and seen in it know, for the log of consent. Raises TooMany.
    """
    pulled = bool(url)
    token = secrets.token_urlsafe(24) if kind in Source.WITH_TOKEN else ""
    with transaction.atomic():
        # two who add at once wait for each other
        Meeting.objects.select_for_update().get(pk=meeting.pk)
        if meeting.sources.count() >= MOST:
            raise TooMany
        source = Source.objects.create(
            meeting=meeting,
            participant=_person(meeting, name, kind, address, text),
            kind=kind,
            url=url,
            token_digest=digest_of(token) if token else "",
            wanted=start or not pulled,
            created_by=user,
            expires_at=expiry(),
        )
    if pulled and start:
        try:
            orders.give(meeting.pk, "source")
        except orders.NotDone as why:  # the holder looks by itself every 5 s
            log.warning("a source begins later", why=str(why))
    return Added(source, token)


def expiry() -> datetime:
    """Of a source that nobody uses from now on."""
    return timezone.now() + timedelta(hours=settings.GUEST_LINK_HOURS)


def _person(
    meeting: Meeting, name: str, kind: str, address: str, text: str
) -> Participant:
    recorded, side = Participant.Consent.RECORDED, Participant.Side
    person = Participant.objects.create(
        meeting=meeting,
        name=name,
        side=side.THEM if kind == Source.Kind.TAB else side.US,
        **services.newcomer(meeting, recorded),
    )
    state_consent(person, kind, address, text)
    return person


def state_consent(
    person: Participant, kind: str, address: str, text: str = SOUND_TEXT
) -> None:
    """Write down that whoever is heard in a source knows of it, as its adder states."""
    way = ConsentChoice.Way.SOURCE
    if kind == Source.Kind.TAB:
        way, text = ConsentChoice.Way.TAB, TAB_TEXT
    services.choose(person, Participant.Consent.RECORDED, way, address, text)


def address_of(source: Source) -> str:
    """What a program is given that sends by itself. By WHIP the token goes with it,
    never into it; by SRT all secrets are in it."""
    if source.kind == Source.Kind.SRT:
        return srt_address.address_of(source)
    return f"{settings.PUBLIC_URL}/whip/{source.meeting.code}/"


OVER = "The call is over."
STOPPED = "This source was stopped or removed."


def why_not(source: Source) -> str:
    """Why a source that is known may not come in by itself; empty: it may."""
    if not source.meeting.accepts_people:
        return OVER
    if source.is_expired:
        return "This address was not used in time and has expired."
    return "" if source.is_usable else STOPPED


def digest_of(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def by_token(code: str, token: str) -> Source | None:
    """The source that this token is for, usable or not; None for a wrong one."""
    if not TOKEN.fullmatch(token):
        return None
    rows = Source.objects.select_related("meeting", "participant__meeting")
    digest = digest_of(token)
    return rows.filter(
        token_digest=digest, meeting__code=code, kind__in=Source.WITH_TOKEN
    ).first()


def stop(source: Source) -> None:
    """Have it out of the call until it is started again. Raises NotDone."""
    _want(source, False)


def start(source: Source) -> None:
    """Let it publish again, or pull it. Raises NotDone."""
    if source.participant.removed_at:
        services.let_in_again(source.participant)
    _want(source, True)


def _want(source: Source, wanted: bool) -> None:
    source.wanted = wanted
    source.state, source.reason = Source.State.INACTIVE, ""
    source.save(update_fields=["wanted", "state", "reason"])
    orders.give(source.meeting_id, "source")


def remove(source: Source) -> None:
    """Forget a source: its token opens nothing, what it sent is kept. Raises NotDone:
    it is forgotten, and nobody said that it is out of the call yet."""
    meeting_id, person = source.meeting_id, source.participant
    source.delete()
    try:
        orders.give(meeting_id, "source")
    finally:
        _forget_who_never_came(person.pk)


def _forget_who_never_came(person_id: int) -> None:
    never = Participant.objects.filter(pk=person_id, entered_at=None, source=None)
    never.filter(tracks=None).delete()


def forget_sessions(meetings: list[int]) -> None:
    """The process that held these calls is gone: what it carried is carried no more."""
    carried = (Source.State.BUFFERING, Source.State.PUBLISHING)
    rows = Source.objects.filter(meeting_id__in=meetings, state__in=carried)
    rows.update(state=Source.State.INACTIVE, reason="")


def sweep() -> int:
    """Remove sources that expired unused, or whose meeting ended without them; how
    many."""
    count = 0
    unused = Source.objects.exclude(expires_at=None).select_related("meeting")
    for source in unused.select_related("participant"):
        if source.is_expired or source.meeting.is_over:
            person_id = source.participant_id
            # by condition: it may be used for the first time just now
            if Source.objects.filter(pk=source.pk).exclude(expires_at=None).delete()[0]:
                _forget_who_never_came(person_id)
                count += 1
    return count

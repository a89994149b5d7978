"""The waiting room: guests knock, and come in when the host lets them.

Who waits is no participant: there is no seat, and so nothing to hear, see, read or
record. All of it is in rows, so that it outlives any process.
"""

from datetime import timedelta
from typing import Any

from django.contrib.auth.models import AnonymousUser, User
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from meetings import services
from meetings.events import announce
from meetings.models import GuestLink, Knock, Meeting, Participant

# A page that did not ask for so long is gone: browsers let one that nobody looks at ask
# once a minute
PRESENT = timedelta(seconds=90)
NOTED = timedelta(seconds=10)  # between two notes that it is still there
FORGOTTEN = timedelta(days=1)  # after which a row of a closed page is no use

Visitor = User | AnonymousUser


def switch(meeting: Meeting, on: bool) -> None:
    """Have guests wait from now on; or not any more: who waits comes in."""
    meeting.waiting_room = on
    meeting.save(update_fields=["waiting_room"])
    _tell(meeting)


def must_wait(meeting: Meeting, user: Any, knock: Knock | None) -> bool:
    """Whether somebody without a seat is to be let in by the host.

    Whom the meeting is shared with comes in by themselves.
    """
    if not meeting.waiting_room or (knock and knock.let_in_at):
        return False
    return not Meeting.objects.visible_to(user).filter(pk=meeting.pk).exists()


def ask(
    link: GuestLink, user: Visitor, name: str, choice: str, text: str, old: Knock | None
) -> Knock:
    """Knock, perhaps again with another name or choice: ``old``, of this browser."""
    knock = old or Knock(meeting=link.meeting)
    knock.link, knock.name = link, name
    knock.user = user if isinstance(user, User) else None
    knock.choice, knock.text_version = choice, text
    knock.seen_at = timezone.now()
    knock.save()
    link.meeting.knocks.filter(seen_at__lt=knock.seen_at - FORGOTTEN).delete()
    _tell(link.meeting)
    return knock


def at_the_door(meeting: Meeting) -> QuerySet[Knock]:
    """Who stands at the door now."""
    here = meeting.knocks.filter(seen_at__gt=timezone.now() - PRESENT)
    return here.filter(let_in_at=None, refused_at=None)


def refused(meeting: Meeting) -> QuerySet[Knock]:
    """Whom the host did not let in, and may yet."""
    return meeting.knocks.exclude(refused_at=None)


def let_in(knocks: QuerySet[Knock]) -> int:
    """Open the door to them; how many. Who was let in already is no error."""
    meetings = list(Meeting.objects.filter(knocks__in=knocks).distinct())
    closed = knocks.filter(let_in_at=None)
    count = closed.update(let_in_at=timezone.now(), refused_at=None)
    for meeting in meetings:
        _tell(meeting)
    return count


def refuse(knock: Knock) -> bool:
    """Leave somebody outside; False: they were let in before."""
    rows = Knock.objects.filter(pk=knock.pk, let_in_at=None)
    done = bool(rows.update(refused_at=timezone.now()))
    _tell(knock.meeting)
    return done


def come_in(knock: Knock, user: Visitor, address: str) -> Participant | None:
    """The seat of somebody who was let in; None: another page of theirs took it."""
    with transaction.atomic():
        if not Knock.objects.filter(pk=knock.pk).delete()[0]:
            return None
        words = (knock.choice, address)
        if isinstance(user, User):
            text = knock.text_version
            return services.admit_user(knock.meeting, user, *words, text=text)
        return services.admit_guest(
            knock.link, knock.name, *words, text=knock.text_version
        )


def note(knock: Knock) -> None:
    """The page is still there, or again."""
    now = timezone.now()
    away = now - knock.seen_at
    if away > NOTED:
        Knock.objects.filter(pk=knock.pk).update(seen_at=now)
    if away >= PRESENT:
        _tell(knock.meeting)


def leave(knock: Knock) -> None:
    """The page says that it is closed; it may come back."""
    Knock.objects.filter(pk=knock.pk).update(seen_at=timezone.now() - PRESENT)
    _tell(knock.meeting)


def state_of(knock: Knock) -> str:
    """over, refused, in or waiting."""
    if not knock.meeting.accepts_people:
        return "over"
    if knock.refused_at:
        return "refused"
    return "in" if knock.let_in_at or not knock.meeting.waiting_room else "waiting"


def host_is_in(meeting: Meeting) -> bool:
    """Whether somebody is in the call who can open the door."""
    inside = meeting.participants.filter(left_at=None).exclude(entered_at=None)
    hosts = services.hosts(meeting)
    return meeting.is_live and inside.filter(pk__in=hosts).exists()


def forget(meeting_id: int) -> None:
    """The call ends, and with it what is known of who was not let in."""
    Knock.objects.filter(meeting=meeting_id).delete()


def _tell(meeting: Meeting) -> None:
    announce(meeting.pk, {"type": "knocks"})

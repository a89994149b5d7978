"""What people do with meetings: make, join, agree, invite and end."""

from datetime import datetime, timedelta

import structlog
from allauth.account.utils import user_display
from asgiref.sync import async_to_sync
from django.conf import settings
from django.contrib.auth.models import AnonymousUser, User
from django.db import transaction
from django.db.models import QuerySet
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.crypto import salted_hmac

from meetings import rights, taps
from meetings.events import announce
from meetings.models import ConsentChoice, GuestLink, Meeting, Participant
from meetings.models.lifecycle import move
from meetings.models.names import one_line
from meetings.models.participant import COLOURS, SOUND_TEXT, VIDEO_TEXT
from meetings.rooms import calls, leases, orders, presence, track_rows
from meetings.rooms.leases import Lease

log = structlog.get_logger(__name__)

END_PATIENCE = 15.0  # s: files are closed, last words are written
ADDRESS_SALT = "earshot.consent-address"


class MeetingOver(Exception):
    """The meeting has ended: nobody can join it any more."""


def name_of(user: User) -> str:
    return (one_line(str(user_display(user))) or user.get_username())[:80]


def privacy_contact(meeting: Meeting) -> str:
    """The e-mail address to ask what is kept of one; empty where nobody has any."""
    address: str = settings.PRIVACY_CONTACT or meeting.owner.email
    return "" if address.endswith("@localhost") else address


def create_meeting(owner: User, title: str = "") -> Meeting:
    return Meeting.objects.create(
        owner=owner, title=title, record_video=settings.RECORD_VIDEO
    )


def set_record_video(meeting: Meeting, on: bool) -> None:
    """Record pictures of those who agree to that from now on, or of nobody any more.

    Raises NotDone: it is written down, and the call does not follow it yet.
    """
    meeting.record_video = on
    meeting.save(update_fields=["record_video"])
    orders.give(meeting.pk, "look")


def consent_text(meeting: Meeting) -> str:
    """The version of the words that people are shown now."""
    return VIDEO_TEXT if meeting.records_video else SOUND_TEXT


def rename(meeting: Meeting, title: str) -> None:
    """Give a meeting a title, or none; people in the call and open pages are told."""
    meeting.title = title
    meeting.save(update_fields=["title"])
    announce(meeting.pk, {"type": "meeting"})


def called(meeting: Meeting, user: User | AnonymousUser) -> str:
    """What a visitor calls the meeting: to guests a call without a title is its host's,
    to colleagues the customers'."""
    if meeting.title or Meeting.objects.visible_to(user).filter(pk=meeting.pk).exists():
        return meeting.name
    return f"Call with {name_of(meeting.owner)}"


def guest_link(meeting: Meeting, user: User) -> GuestLink:
    """The link to hand out: the newest that still has half its time, or a new one."""
    now, life = timezone.now(), timedelta(hours=settings.GUEST_LINK_HOURS)
    link = meeting.guest_links.filter(
        closed_at=None, revoked_at=None, expires_at__gt=now + life / 2
    ).last()
    return link or GuestLink.objects.create(
        meeting=meeting, created_by=user, expires_at=now + life
    )


def close_links(meeting: Meeting) -> int:
    """Let nobody new in by the links there are; who is in stays. How many links."""
    links = meeting.guest_links.filter(closed_at=None, revoked_at=None)
    return links.update(closed_at=timezone.now())


def revoke_links(links: QuerySet[GuestLink]) -> int:
    """Make links useless and put out the guests who came by them; how many links.

    Raises NotDone.
    """
    good = links.filter(revoked_at=None)
    meetings = set(good.values_list("meeting_id", flat=True))
    count = good.update(revoked_at=timezone.now())
    _rights_changed(*meetings)
    return count


def _rights_changed(*meetings: int) -> None:
    """Whoever reads along is looked at, and each room does as the rows say.

    Raises NotDone, when all were told.
    """
    for meeting_id in meetings:
        rights.changed(meeting=meeting_id)
    silent = None
    for meeting_id in meetings:
        try:
            orders.give(meeting_id, "look")
        except orders.NotDone as why:
            silent = why
    if silent:
        raise silent


def hosts(meeting: Meeting) -> list[int]:
    """Ids of the participants who may end the meeting and remove others."""
    people = meeting.participants.exclude(user=None).select_related("user")
    return [p.pk for p in people if p.user and meeting.may_be_run_by(p.user)]


def inside(meeting: Meeting) -> list[str]:
    """Names of who is in the call now, by order of arrival."""
    people = meeting.participants.filter(left_at=None, removed_at=None)
    names = people.exclude(entered_at=None).values_list("name", flat=True)
    return list(names) if meeting.is_live else []


def remove(person: Participant) -> None:
    """Put somebody out until the host lets them in again.

    A guest needs no account to take another seat, so the links are closed, too. Raises
    NotDone.
    """
    with transaction.atomic():
        person.removed_at = timezone.now()
        person.save(update_fields=["removed_at"])
        if person.link_id:
            close_links(person.meeting)
    _rights_changed(person.meeting_id)


def let_in_again(person: Participant) -> None:
    """Give somebody who was removed their seat back."""
    person.removed_at = None
    person.save(update_fields=["removed_at"])


def admit_user(
    meeting: Meeting,
    user: User,
    choice: str,
    address: str,
    seat: Participant | None = None,
    text: str = SOUND_TEXT,
) -> Participant:
    """A signed-in person's one seat in the meeting, with what they chose now.

    ``seat``: what this browser had before they signed in; it becomes theirs. ``text``:
    the version of the words they were shown.
    """
    about: dict[str, object] = {"name": name_of(user), "side": Participant.Side.US}
    with transaction.atomic():
        person = meeting.participants.filter(user=user).first()
        if person is None and seat and seat.is_guest:
            meeting.participants.filter(pk=seat.pk).update(user=user, **about)
            person = meeting.participants.get(pk=seat.pk)
        if person is None:
            person, _ = Participant.objects.get_or_create(
                meeting=meeting,
                user=user,
                defaults=newcomer(meeting, choice) | about,
            )
        choose(person, choice, ConsentChoice.Way.PAGE, address, text)
    return person


def admit_guest(
    link: GuestLink,
    name: str,
    choice: str,
    address: str,
    seat: Participant | None = None,
    text: str = SOUND_TEXT,
) -> Participant:
    """A guest's seat: ``seat`` when this browser has one already, else a new one.

    ``text``: the version of the words they were shown.
    """
    with transaction.atomic():
        if seat is None:
            person = Participant.objects.create(
                meeting=link.meeting,
                link=link,
                name=name,
                **newcomer(link.meeting, choice),
            )
        else:
            person = seat
            person.name, person.link = name, link
            person.save(update_fields=["name", "link"])
        choose(person, choice, ConsentChoice.Way.PAGE, address, text)
    return person


def newcomer(meeting: Meeting, choice: str) -> dict[str, object]:
    """What the row of somebody new begins with."""
    return {
        "consent": choice,
        "colour": meeting.participants.count() % COLOURS,
    }


def change_consent(person: Participant, choice: str, address: str) -> None:
    """Take a new choice made in the room. Raises Unanswered: it is written down, and
    nobody said that the recording follows it yet."""
    with transaction.atomic():
        before = person.consent_log.last()  # no other words are shown in the room
        text = before.text_version if before else SOUND_TEXT
        choose(person, choice, ConsentChoice.Way.ROOM, address, text)
    orders.give(person.meeting_id, "look")


def change_language(person: Participant) -> None:
    """Caption a person in another language from the next line on."""
    person.save(update_fields=["language"])
    taps.language_changed.publish()


def choose(
    person: Participant,
    choice: str,
    way: str,
    address: str,
    text: str = SOUND_TEXT,
) -> None:
    """Write down what was chosen for a person by which words, and act by it."""
    ConsentChoice.objects.create(
        participant=person,
        choice=choice,
        text_version=text,
        way=way,
        address_hash=address_hash(address),
    )
    person.consent = choice
    person.save(update_fields=["consent"])


def address_hash(address: str) -> str:
    """Shows that two choices came from one address, without keeping the address."""
    return salted_hmac(ADDRESS_SALT, address, algorithm="sha256").hexdigest()


def start_meeting(meeting: Meeting) -> None:
    """The first person is in: from here on its clock runs. Raises MeetingOver."""
    if meeting.state == Meeting.State.OPEN and move(
        meeting, Meeting.State.LIVE, started_at=timezone.now()
    ):
        announce(meeting.pk, {"type": "meeting"})
        return
    meeting.refresh_from_db()
    if not meeting.accepts_people:
        raise MeetingOver(meeting.code)


def enter(person: Participant) -> None:
    """The person is in the room, perhaps again; the first time is kept."""
    rows = Participant.objects.filter(pk=person.pk)
    with leases.fenced(calls.lease_of(person.meeting_id)):
        rows.update(entered_at=Coalesce("entered_at", timezone.now()), left_at=None)


def end_meeting(meeting: Meeting) -> bool:
    """Put everybody out, close the files, end the meeting; False: it was over already.

    From any process: the one that holds the room does it. Raises NotDone.
    """
    if lease := calls.lease_of(meeting.pk):
        ended = end_here(lease)
    elif orders.give(meeting.pk, "end", END_PATIENCE):
        ended = not meeting.is_over
    else:
        with leases.borrowed(meeting.pk) as lease:  # nobody is in the room
            ended = end_here(lease)
    meeting.refresh_from_db()
    return ended


def end_here(lease: Lease, at: datetime | None = None) -> bool:
    """``end_meeting`` in the process that holds the room.

    ``at``: when it really ended, where that was earlier than now. Raises Fenced.
    """
    here = calls.here()
    if here:
        here.before_close(lease.meeting_id)
        async_to_sync(here.close)(lease.meeting_id)
    if not track_rows.flush():
        log.error("tracks are not written yet", meeting=lease.meeting_id)
    meeting = Meeting.objects.get(pk=lease.meeting_id)
    at = at or timezone.now()
    with leases.fenced(lease):
        ended = move(
            meeting,
            Meeting.State.ENDED,
            ended_at=at,
            duration_ms=meeting.clock_ms(at),
        )
        if ended:
            meeting.participants.filter(left_at=None).update(left_at=at)
            taps.meeting_ends.publish(meeting.pk)
            transaction.on_commit(lambda: _say_ended(meeting))
    if here:
        here.leases.release(lease.meeting_id)
    return ended


def _say_ended(meeting: Meeting) -> None:
    taps.meeting_ended.publish(meeting.pk)
    presence.tell(meeting.pk, {"type": "ended"})
    announce(meeting.pk, {"type": "meeting"})

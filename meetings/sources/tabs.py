"""A call that somebody has in another tab of their browser: its sound, as one person
more of our call. The browser sends it as programs do, by WHIP."""

import secrets

from django.contrib.auth.models import AbstractBaseUser, AnonymousUser, User
from django.db import transaction

from meetings.models import Meeting, Participant, Source
from meetings.sources import services

TAB = Source.Kind.TAB


def begin(meeting: Meeting, user: User, name: str, address: str) -> Source:
    """The tab that this person records in this call; they state that they told the
    people in it. Raises TooMany."""
    with transaction.atomic():
        # two windows that begin at once wait for each other
        Meeting.objects.select_for_update().get(pk=meeting.pk)
        source = meeting.sources.filter(kind=TAB, created_by=user).first()
        if source is None:
            return services.add(meeting, user, TAB, name, address=address).source
        _begin_again(source, name, address)
    return source


def _begin_again(source: Source, name: str, address: str) -> None:
    person = source.participant
    person.name, person.removed_at = name, None
    person.save(update_fields=["name", "removed_at"])
    services.state_consent(person, TAB, address)
    source.wanted = True
    if source.expires_at:
        source.expires_at = services.expiry()
    source.save(update_fields=["wanted", "expires_at"])


def tab_of(
    user: AbstractBaseUser | AnonymousUser, meeting: Meeting
) -> Participant | None:
    """As whom the tab is recorded that this person records; None: they record none,
    or it was stopped."""
    if not user.is_authenticated:
        return None
    rows = meeting.sources.filter(kind=TAB, created_by_id=user.pk, wanted=True)
    source = rows.filter(participant__removed_at=None).select_related(
        "participant__meeting"
    )
    one = source.first()
    return one.participant if one else None


def new_token(person: Participant) -> str:
    """What the page sends the tab by; an earlier one opens nothing any more."""
    token = secrets.token_urlsafe(24)
    rows = Source.objects.filter(participant=person, kind=TAB)
    rows.update(token_digest=services.digest_of(token))
    return token

"""People of imported files: they were recorded elsewhere, and agreed to it there."""

from itertools import count

from meetings import mail_domains
from meetings.imports.services import Voice
from meetings.models import ConsentChoice, Meeting, Participant
from meetings.models.participant import COLOURS

CONSENT_TEXT = "import-1"  # the importer states that the people agreed


def seat(meeting: Meeting, voice: Voice) -> Participant:
    """A participant who was recorded elsewhere; unless somebody said otherwise, or
    their mail does, the first one is taken for our side."""
    taken = set(meeting.participants.values_list("name", flat=True))
    usual = Participant.Side.THEM if taken else Participant.Side.US
    person = Participant.objects.create(
        meeting=meeting,
        name=told_apart(voice.name, taken),
        email=voice.email,
        side=voice.side or mail_domains.side_of(voice.email) or usual,
        consent=Participant.Consent.RECORDED,
        colour=len(taken) % COLOURS,
    )
    ConsentChoice.objects.create(
        participant=person,
        choice=person.consent,
        text_version=CONSENT_TEXT,
        way=ConsentChoice.Way.IMPORTED,
    )
    return person


def told_apart(name: str, taken: set[str]) -> str:
    """A name that nobody has yet: two files of one name are two people."""
    if name not in taken:
        return name
    begins = name[:70]
    return next(new for n in count(2) if (new := f"{begins} ({n})") not in taken)

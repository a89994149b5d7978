"""Who was in a call after all: other names and sides, one person who came twice."""

import uuid
from typing import Any

from django.contrib.auth.models import AbstractBaseUser
from django.db import models, transaction

from meetings import jobs
from meetings.models import ChatMessage, ConsentChoice, Job, Meeting, Participant, Track
from meetings.models.participant import COLOURS
from transcription.corrections.lines import tell
from transcription.models import Correction, Removal, Utterance

Kind = Correction.Kind
CONSENT_TEXT = "said-by-1"  # who runs the call states whose voice it is

# Kinds of jobs that know people by their rows
WRITES = ("repair", "import", "second_pass", "speakers")
WRITING = "The words of this call are still being written. Try again when that is done."

# What goes along when two people are one. The choices about being recorded stay where
# they were made: they are the log.
MOVED: dict[str, type[models.Model]] = {
    "lines": Utterance,
    "removals": Removal,
    "tracks": Track,
    "messages": ChatMessage,
    "corrections": Correction,
}


def about(person: Participant) -> dict[str, str]:
    return {"name": person.name, "side": person.side}


def note_change(
    person: Participant, before: dict[str, str], by: AbstractBaseUser
) -> None:
    """``person`` was saved with another name or side than ``before``."""
    if about(person) == before:
        return
    Correction.objects.create(
        meeting_id=person.meeting_id,
        participant=person,
        kind=Kind.PERSON,
        before=before,
        after=about(person),
        by_id=by.pk,
    )
    tell(person.meeting_id, [], people=True)


def newcomer(meeting: Meeting, name: str, side: str) -> Participant:
    """Somebody whose voice is on another one's track: they are recorded as that is."""
    person = Participant.objects.create(
        meeting=meeting,
        name=name,
        side=side,
        consent=Participant.Consent.RECORDED,
        colour=meeting.participants.count() % COLOURS,
    )
    ConsentChoice.objects.create(
        participant=person,
        choice=person.consent,
        text_version=CONSENT_TEXT,
        way=ConsentChoice.Way.IMPORTED,
    )
    return person


class StillWriting(Exception):
    """The message is for people."""


def join(one: Participant, other: Participant, by: AbstractBaseUser) -> uuid.UUID:
    """What is kept of ``one`` is ``other``'s, whose name stays; it can be undone.

    Raises StillWriting while the lines or the files of the call are being written.
    """
    check_at_rest(one.meeting)
    change = uuid.uuid4()
    with transaction.atomic():
        moved = {name: _move(model, one, other) for name, model in MOVED.items()}
        one.joined_to = other
        one.save(update_fields=["joined_to"])
        Correction.objects.create(
            meeting_id=one.meeting_id,
            participant=other,
            kind=Kind.JOIN,
            change=change,
            before={"participant": one.pk},
            after={"participant": other.pk, **moved, "joined": _follow(one, other)},
            by_id=by.pk,
        )
    sound_changed(one.meeting, moved)
    tell(one.meeting_id, moved["lines"], people=True)
    return change


def check_at_rest(meeting: Meeting) -> None:
    running = meeting.jobs.filter(state=Job.State.RUNNING, kind__in=WRITES)
    if running.exists():
        raise StillWriting(WRITING)


def part(one: Participant, other: Participant, moved: dict[str, Any]) -> list[int]:
    """Give ``one`` back what ``join`` took over; the lines that moved."""
    for name, model in MOVED.items():
        rows = model._default_manager.filter(pk__in=moved.get(name, []))
        rows.filter(participant=other).update(participant=one)
    followed = Participant.objects.filter(pk__in=moved.get("joined", []))
    followed.filter(joined_to=other).update(joined_to=one)
    one.joined_to = None
    one.save(update_fields=["joined_to"])
    return list(moved.get("lines", []))


def sound_changed(meeting: Meeting, moved: dict[str, Any]) -> None:
    """Whoever can be heard alone is to be put together anew."""
    if moved.get("tracks"):
        jobs.request("compose", meeting)


def _follow(one: Participant, other: Participant) -> list[int]:
    """Who was joined to ``one`` is now to ``other``."""
    rows = Participant.objects.filter(joined_to=one)
    ids = list(rows.values_list("pk", flat=True))
    rows.update(joined_to=other)
    return ids


def _move(model: type[models.Model], one: Participant, other: Participant) -> list[int]:
    rows = model._default_manager.filter(participant=one)
    ids = list(rows.values_list("pk", flat=True))
    rows.update(participant=other)
    return ids

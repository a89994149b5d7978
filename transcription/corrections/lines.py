"""A person corrects what was written, or who it was said by.

Each change is a row that can be undone, and everything that is derived from the lines
follows as after any change of them.
"""

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction
from django.utils import timezone

from meetings import taps
from meetings.events import announce
from meetings.models import Meeting, Participant
from transcription.corrections.alignment import retimed
from transcription.models import Correction, Utterance

LONGEST = 20_000  # characters of a line
MOST_LINES = 3_000  # that are given to somebody at once: those of a long call

Kind = Correction.Kind


@dataclass(frozen=True)
class Done:
    """What all rows of one change share."""

    by: int
    change: uuid.UUID = field(default_factory=uuid.uuid4)
    at: datetime = field(default_factory=timezone.now)


class Overtaken(Exception):
    """Somebody changed the line meanwhile; nothing was written."""

    def __init__(self, line: Utterance) -> None:
        super().__init__("the line was changed meanwhile")
        self.line = line


def write(
    line: Utterance, was: str, text: str, by: AbstractBaseUser
) -> uuid.UUID | None:
    """Put ``text`` in the place of ``was``: the change, or None when it stands there
    already.

    Raises Overtaken when the line says neither, and ValueError when there is nothing
    in ``text``, or too much.
    """
    text = one_line(text)
    if not text:
        raise ValueError("Write what was said.")
    if len(text) > LONGEST:
        raise ValueError(f"A line has {LONGEST} characters at most.")
    with transaction.atomic():
        row = Utterance.objects.select_for_update().get(pk=line.pk)
        if one_line(row.text) == text:
            return None
        if one_line(row.text) != one_line(was):
            raise Overtaken(row)
        change = _write(row, text, by)
    tell(row.meeting_id, [row.pk])
    return change


def one_line(text: str) -> str:
    """As a line is compared and kept: without what no database or screen can hold."""
    return " ".join(text.replace("\x00", "").split())


def _write(row: Utterance, text: str, by: AbstractBaseUser) -> uuid.UUID:
    before = {"text": row.text, "words": row.words}
    row.words = retimed(row.text, row.words, text, (row.start_ms, row.end_ms))
    row.text = text
    row.save(update_fields=["text", "words", "updated_at"])
    done = Correction.objects.create(
        meeting_id=row.meeting_id,
        participant_id=row.participant_id,
        utterance=row,
        kind=Kind.TEXT,
        before=before,
        after={"text": text},
        by_id=by.pk,
    )
    return done.change


def give(
    meeting: Meeting,
    lines: Iterable[int],
    person: Participant,
    by: AbstractBaseUser,
    is_new: bool = False,
) -> uuid.UUID | None:
    """These lines were said by ``person``: the change, or None when all were already
    theirs."""
    done = Done(by.pk)
    with transaction.atomic():
        rows = Utterance.objects.select_for_update().filter(meeting=meeting)
        wrong = list(rows.filter(pk__in=list(lines)).exclude(participant=person))
        for row in wrong:
            _give(row, person, done, is_new)
    tell(meeting.pk, [row.pk for row in wrong], people=True)
    return done.change if wrong else None


def _give(row: Utterance, person: Participant, done: "Done", is_new: bool) -> None:
    earlier = row.corrections.in_force().exclude(heard_from=None).last()
    Correction.objects.create(
        meeting_id=row.meeting_id,
        participant=person,
        heard_from_id=earlier.heard_from_id if earlier else row.participant_id,
        utterance=row,
        kind=Kind.SPEAKER,
        change=done.change,
        at=done.at,
        before={"participant": row.participant_id},
        after={"participant": person.pk, "is_new": is_new},
        by_id=done.by,
    )
    hand_over(row, person.pk)


def hand_over(row: Utterance, person: int) -> None:
    """The line, and what is known of it, belongs to ``person`` from now on."""
    row.participant_id = person
    row.save(update_fields=["participant", "updated_at"])
    row.corrections.update(participant=person)


def tell(meeting_id: int, lines: Sequence[int], people: bool = False) -> None:
    """Open pages, and whatever is made from the lines."""
    announce(meeting_id, {"type": "lines", "changed": list(lines), "removed": []})
    if people:
        announce(meeting_id, {"type": "meeting"})
    taps.transcript_changed.publish(meeting_id)

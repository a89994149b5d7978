"""Take back what somebody changed, where nothing was built on it since."""

import uuid
from collections.abc import Callable

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction
from django.utils import timezone

from meetings.models import Meeting, Participant
from transcription.corrections.lines import hand_over, tell
from transcription.corrections.people import (
    StillWriting,
    about,
    check_at_rest,
    part,
    sound_changed,
)
from transcription.models import Correction, Utterance

CHANGED_SINCE = "This was changed again since. Undo that first."
GONE = "What this was about is not here any more."


class CannotUndo(Exception):
    """The message is for people."""


@transaction.atomic
def _undo(rows: list[Correction], by: AbstractBaseUser) -> list[int]:
    lines = [line for row in rows for line in UNDO[row.kind](row)]
    for row in rows:
        row.undone_at, row.undone_by_id = timezone.now(), by.pk
        row.save(update_fields=["undone_at", "undone_by"])
    _forget_newcomers(rows)
    return lines


def undo(meeting: Meeting, change: uuid.UUID, by: AbstractBaseUser) -> None:
    """All of one change, or nothing. Raises CannotUndo."""
    with transaction.atomic():
        found = Correction.objects.select_for_update().filter(meeting=meeting)
        rows = list(found.filter(change=change, undone_at=None))
        if not rows:
            return
        lines = _undo(rows, by)
    for row in rows:
        sound_changed(meeting, row.after)
    people = rows[0].kind != Correction.Kind.TEXT
    tell(meeting.pk, lines, people)


def _line(row: Correction) -> Utterance:
    rows = Utterance.objects.select_for_update()
    line = rows.filter(pk=row.utterance_id).first() if row.utterance_id else None
    if line is None:
        raise CannotUndo(GONE)
    return line


def _text(row: Correction) -> list[int]:
    line = _line(row)
    if line.text != row.after["text"]:
        raise CannotUndo(CHANGED_SINCE)
    line.text, line.words = row.before["text"], row.before["words"]
    line.save(update_fields=["text", "words", "updated_at"])
    return [line.pk]


def _speaker(row: Correction) -> list[int]:
    line, before = _line(row), row.before["participant"]
    if line.participant_id != row.participant_id or _given_since(row, line):
        raise CannotUndo(CHANGED_SINCE)
    person = Participant.objects.filter(pk=before, meeting_id=row.meeting_id).first()
    if person is None:
        raise CannotUndo(GONE)
    to = person.joined_to_id or person.pk
    hand_over(line, to)
    row.participant_id = to
    return [line.pk]


def _given_since(row: Correction, line: Utterance) -> bool:
    later = line.corrections.in_force().filter(kind=Correction.Kind.SPEAKER)
    return later.filter(pk__gt=row.pk).exists()


def _person(row: Correction) -> list[int]:
    person = row.participant
    if about(person) != row.after:
        raise CannotUndo(CHANGED_SINCE)
    person.name, person.side = row.before["name"], row.before["side"]
    person.save(update_fields=["name", "side"])
    return []


def _join(row: Correction) -> list[int]:
    one = Participant.objects.filter(pk=row.before["participant"]).first()
    if one is None:
        raise CannotUndo(GONE)
    if one.joined_to_id != row.participant_id:
        raise CannotUndo(CHANGED_SINCE)
    try:
        check_at_rest(row.meeting)
    except StillWriting as reason:
        raise CannotUndo(str(reason)) from None
    return part(one, row.participant, row.after)


def _forget_newcomers(rows: list[Correction]) -> None:
    """Who was made for these lines, and has nothing else, was never there."""
    made = {row.after["participant"] for row in rows if row.after.get("is_new")}
    for person in Participant.objects.filter(pk__in=made, utterances=None):
        if not person.corrections.exists() and not person.tracks.exists():
            person.delete()


UNDO: dict[str, Callable[[Correction], list[int]]] = {
    Correction.Kind.TEXT: _text,
    Correction.Kind.SPEAKER: _speaker,
    Correction.Kind.PERSON: _person,
    Correction.Kind.JOIN: _join,
}

"""The chat of a call: written to by who is in it, kept with it, read from its start.

A message is written by the process that holds the room, under its epoch, so that ids
are in the order of time and a process that lost the room writes none.
"""

import re
from typing import Any

from meetings.models import ChatMessage, Meeting, Participant
from meetings.models.chat import tidy
from meetings.rooms import calls, leases
from meetings.rooms.leases import Lease

Message = dict[str, Any]

LONGEST = 2000  # characters of a message
MOST = 1000  # messages of a call
MOST_OF_ONE = 400  # of one person: nobody fills it for the others
RATE, BURST = 0.5, 8  # messages a second, and at once
READ_RATE, READ_BURST = 0.2, 3  # readings from the start: a browser needs one
PART = 100  # messages that are told at once
KEY = re.compile(r"[\w-]{1,36}", re.ASCII)


class Unsaid(Exception):
    """A message that is not taken; the detail is for people."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(detail)
        self.code, self.detail = code, detail


# Code and sentence of an Unsaid
TOO_FAST = "too_fast", "That was too quick. Wait a moment, then send it again."
NOT_KEPT = "not_kept", "It could not be kept. Send it again."
NOT_IN = "not_in", "You are not in the call."
FULL = "full", f"The chat of this call is full: it holds {MOST} messages."
ENOUGH = "full", f"You have written {MOST_OF_ONE} messages here: that is the most."
BAD = "bad_message", "That is no message."
TOO_LONG = "too_long", f"Write at most {LONGEST} characters."
EMPTY = "empty", "There is nothing to read in it."


def checked(text: Any, key: Any) -> tuple[str, str]:
    """A message as it is kept, and its key. Raises Unsaid."""
    if not (isinstance(text, str) and isinstance(key, str) and KEY.fullmatch(key)):
        raise Unsaid(*BAD)
    if len(text) > LONGEST:
        raise Unsaid(*TOO_LONG)
    if not (said := tidy(text)):
        raise Unsaid(*EMPTY)
    return said, key


def say(person: Participant, text: str, key: str) -> tuple[Message, bool]:
    """Keep a message of somebody who is in the call; whether it is new. Once for each
    key, however often it comes. Raises Unsaid, Fenced."""
    lease = calls.lease_of(person.meeting_id)
    if lease is None:
        raise Unsaid(*NOT_IN)
    with leases.fenced(lease):
        known = person.chat_messages.filter(key=key).first()
        return as_message(known or _write(lease, person, text, key)), known is None


def _write(lease: Lease, person: Participant, text: str, key: str) -> ChatMessage:
    live = Meeting.objects.filter(pk=lease.meeting_id, state=Meeting.State.LIVE).first()
    rows = Participant.objects.filter(pk=person.pk, removed_at=None)
    if live is None or not rows.exists():
        raise Unsaid(*NOT_IN)
    if of_call(lease.meeting_id).count() >= MOST:
        raise Unsaid(*FULL)
    if person.chat_messages.count() >= MOST_OF_ONE:
        raise Unsaid(*ENOUGH)
    return ChatMessage.objects.create(
        participant=person, text=text, key=key, at_ms=live.clock_ms()
    )


def of_call(meeting_id: int) -> Any:
    """The messages of a call with their people, in order."""
    rows = ChatMessage.objects.filter(participant__meeting_id=meeting_id)
    return rows.select_related("participant")


def read(meeting_id: int, after: int) -> list[Message]:
    """All messages behind id ``after``, in parts for a browser; one part at least."""
    rows = [as_message(row) for row in of_call(meeting_id).filter(pk__gt=after)]
    parts = [rows[at : at + PART] for at in range(0, len(rows), PART)] or [[]]
    return [{"type": "chat_so_far", "messages": part} for part in parts]


def as_message(row: ChatMessage) -> Message:
    person = row.participant
    return {
        "id": row.pk,
        "participant": person.pk,
        "name": person.name,
        "colour": person.colour,
        "at_ms": row.at_ms,
        "text": row.text,
        "key": row.key,
    }

"""What was written in a call, as its page shows it."""

import re
from dataclasses import dataclass

from dashboard.call.transcript import anchor_of
from meetings.models import ChatMessage, Meeting
from meetings.rooms import chat

# As static/meetings/chat-log.js has them: addresses, and what ends a sentence.
ADDRESS = re.compile(r"https?://[^\s<>\"]+", re.IGNORECASE)
BEHIND = ".,;:!?'*\u2026"
BRACKETS = {")": "(", "]": "[", "}": "{"}


@dataclass(frozen=True)
class TextPart:
    """A stretch of a message; ``href`` is empty where it is no link."""

    text: str
    href: str = ""


@dataclass(frozen=True)
class ShownMessage:
    row: ChatMessage

    @property
    def anchor(self) -> str:
        return anchor_of(self.row.at_ms)

    @property
    def parts(self) -> list[TextPart]:
        return parts_of(self.row.text)


def messages_of(meeting: Meeting) -> list[ShownMessage]:
    """The chat of a call in the order of time."""
    return [ShownMessage(row) for row in chat.of_call(meeting.pk)]


def parts_of(text: str) -> list[TextPart]:
    """``text`` cut into what is a link and what is not; all of it, in order."""
    parts: list[TextPart] = []
    at = 0
    for found in ADDRESS.finditer(text):
        address = _bare(found[0])
        if address.endswith("://"):
            continue
        parts += [TextPart(text[at : found.start()]), TextPart(address, address)]
        at = found.start() + len(address)
    return [part for part in [*parts, TextPart(text[at:])] if part.text]


def _bare(found: str) -> str:
    """An address without what ends the sentence, or closes a bracket before it."""
    address = found.rstrip(BEHIND)
    opener = BRACKETS.get(address[-1])
    return _bare(address[:-1]) if opener and opener not in address else address

"""A transcript to read, and for programs."""

from collections.abc import Iterable
from typing import Any

from meetings.models import Meeting
from meetings.times import clock
from transcription.models import Utterance


def text(meeting: Meeting, lines: Iterable[Utterance]) -> str:
    """Title, day and people, then a line for each line."""
    people = ", ".join(person.name for person in meeting.people)
    head = (meeting.name, f"{meeting.date:%d %B %Y, %H:%M}", people, "")
    said = (
        f"{clock(line.start_ms)} {line.participant.name}: {' '.join(line.text.split())}"
        for line in lines
    )
    return "\n".join((*head, *said, ""))


def as_json(line: Utterance) -> dict[str, Any]:
    """Times in seconds on the meeting's clock; words as [text, start, end]."""
    return {
        "speaker": line.participant.name,
        "start": line.start_ms / 1000,
        "end": line.end_ms / 1000,
        "text": line.text,
        "words": [[w, a / 1000, b / 1000] for w, a, b, _ in line.words],
        "pass": line.transcript_pass,
        "model": line.model,
    }

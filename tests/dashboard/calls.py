"""Calls to read back."""

from collections.abc import Sequence
from typing import Any

from meetings.models import Meeting, Participant
from transcription.models import Utterance


def end(meeting: Meeting, duration_ms: int = 60_000) -> Meeting:
    meeting.state = Meeting.State.ENDED
    meeting.duration_ms = duration_ms
    meeting.save()
    return meeting


def add_person(meeting: Meeting, name: str, **more: Any) -> Participant:
    """Somebody recorded, of the customer's side unless said otherwise."""
    recorded = {"consent": Participant.Consent.RECORDED} | more
    person: Participant = meeting.participants.create(name=name, **recorded)
    return person


def say(
    speaker: Participant,
    start_ms: int,
    text: str,
    words: Sequence[Sequence[Any]] | None = None,
    **more: Any,
) -> Utterance:
    """A line that starts at ``start_ms``, with a word every 300 ms."""
    times = range(start_ms, start_ms + 300 * len(text.split()), 300)
    spoken = [
        [word, t, t + 250, 0.9] for word, t in zip(text.split(), times, strict=True)
    ]
    row: Utterance = Utterance.objects.create(
        meeting_id=speaker.meeting_id,
        participant=speaker,
        start_ms=start_ms,
        end_ms=more.pop("end_ms", max(start_ms + 1, times.stop - 50)),
        text=text,
        words=spoken if words is None else words,
        **more,
    )
    return row

"""What viewers get of captions: one shape for live lines and for replayed ones."""

from typing import Any

from meetings.models import Participant
from transcription.models import Utterance
from transcription.rows import ms
from transcription.speech.engine.captions import Caption


def message(caption: Caption, speaker: Participant) -> dict[str, Any]:
    """What a viewer gets of a caption; the hub adds type and seq."""
    return {
        "version": caption.version,
        "language": caption.language,
        "id": caption.utterance_id,
        "rev": caption.rev,
        "participant": speaker.pk,
        "name": speaker.name,
        "colour": speaker.colour,
        "start_ms": ms(caption.start),
        "end_ms": ms(caption.end),
        "stable": caption.stable,
        "interim": caption.interim,
        "final": caption.final,
        "latency_ms": None
        if caption.latency_ms is None
        else round(caption.latency_ms, 1),
    }


def finals_of(meeting_id: int) -> list[dict[str, Any]]:
    """The lines of a meeting that are rows already, as messages."""
    rows = Utterance.objects.filter(meeting_id=meeting_id).select_related("participant")
    return [of_row(row) for row in rows]


def of_row(row: Utterance, rev: int = 0) -> dict[str, Any]:
    """A line that is a row, as a final; who knows the line takes a higher ``rev``."""
    return {
        "id": row.caption_id or f"u{row.pk}",
        "rev": rev,
        "participant": row.participant_id,
        "name": row.participant.name,
        "colour": row.participant.colour,
        "start_ms": row.start_ms,
        "end_ms": row.end_ms,
        "stable": row.text,
        "interim": "",
        "final": True,
        "latency_ms": row.latency_ms,
    }

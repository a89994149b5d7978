"""Captions as rows and as messages: one shape for live lines and for replayed ones."""

from collections.abc import Iterable
from typing import Any

from django.db import transaction

from meetings.models import Participant
from transcription.models import Removal, Utterance
from transcription.speech.engine.captions import Caption, FilteredText, Word


def ms(seconds: float) -> int:
    return max(0, round(seconds * 1000))


def words_as_json(words: Iterable[Word], offset_ms: int = 0) -> list[list[Any]]:
    """[[text, start_ms, end_ms, probability]] on the meeting's clock."""
    return [
        [
            word.text.strip(),
            ms(word.start) + offset_ms,
            ms(word.end) + offset_ms,
            round(word.probability, 3),
        ]
        for word in words
    ]


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
    return [
        {
            "id": row.caption_id or f"u{row.pk}",
            "rev": 0,
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
        for row in rows
    ]


@transaction.atomic
def save_final(caption: Caption, speaker: Participant) -> None:
    """The row of a final and the ledger of its removals; twice changes nothing."""
    utterance = None
    if caption.text.strip():
        utterance, _ = Utterance.objects.update_or_create(
            caption_id=caption.utterance_id,
            meeting_id=speaker.meeting_id,
            defaults={
                "participant": speaker,
                "start_ms": ms(caption.start),
                "end_ms": ms(caption.end),
                "text": caption.text.strip(),
                "raw": caption.raw.strip(),
                "words": words_as_json(caption.words),
                "language": caption.language,
                "confidence": caption.confidence,
                "latency_ms": caption.latency_ms,
            },
        )
    save_removals(caption.removals, speaker, utterance)


def save_removals(
    removals: Iterable[FilteredText],
    speaker: Participant,
    utterance: Utterance | None,
    offset_ms: int = 0,
) -> None:
    for removal in removals:
        Removal.objects.get_or_create(
            meeting_id=speaker.meeting_id,
            participant=speaker,
            raw=removal.raw,
            reason=removal.reason,
            start_ms=ms(removal.start) + offset_ms,
            end_ms=ms(removal.end) + offset_ms,
            defaults={"evidence": removal.evidence, "utterance": utterance},
        )

"""What the engine said as rows: utterances, their words, and the ledger of removals."""

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


def voice_as_json(
    voice: Iterable[tuple[float, float]], offset_ms: int = 0
) -> list[list[int]]:
    """[[start_ms, end_ms]] on the meeting's clock."""
    return [[ms(start) + offset_ms, ms(end) + offset_ms] for start, end in voice]


@transaction.atomic
def save_final(caption: Caption, speaker: Participant) -> None:
    """The row of a final and the ledger of its removals; twice changes nothing.

    One without text takes an earlier one back."""
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
                "voice": voice_as_json(caption.voice),
                "language": caption.language,
                "confidence": caption.confidence,
                "latency_ms": caption.latency_ms,
                "model": caption.model,
            },
        )
    else:
        live = Utterance.objects.filter(transcript_pass=Utterance.Pass.LIVE)
        live.filter(
            caption_id=caption.utterance_id, meeting_id=speaker.meeting_id
        ).delete()
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

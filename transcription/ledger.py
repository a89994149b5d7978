"""What people do with the ledger: restore what was removed, and teach the bag."""

from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from meetings import taps
from meetings.events import announce
from meetings.models import Participant
from transcription.models import Configuration, Language, Phrase, Removal, Utterance
from transcription.speech.filters.normal import normal

SURE = 1.0  # probability of a word that a person vouches for


def restore(removal: Removal) -> Utterance:
    """Put removed text back, into its line or as a line of its own; once only."""
    with transaction.atomic():
        row = Removal.objects.select_for_update().get(pk=removal.pk)
        if row.restored_at and row.utterance:
            return row.utterance
        line = _put_back(row, row.utterance) if row.utterance else _own_line(row)
        row.utterance, row.restored_at = line, timezone.now()
        row.save(update_fields=["utterance", "restored_at"])
    removal.restored_at = row.restored_at
    announce(row.meeting_id, {"type": "lines", "changed": [line.pk], "removed": []})
    taps.transcript_changed.publish(row.meeting_id)
    return line


def _own_line(removal: Removal) -> Utterance:
    return Utterance.objects.create(
        meeting_id=removal.meeting_id,
        participant_id=removal.participant_id,
        start_ms=removal.start_ms,
        end_ms=max(removal.end_ms, removal.start_ms + 1),
        text=removal.raw,
        raw=removal.raw,
        words=_words(removal),
        language=language_at(removal.participant, removal.start_ms),
    )


def _put_back(removal: Removal, line: Utterance) -> Utterance:
    """Before the first word of the line that was said later."""
    before = [word for word in line.words if word[1] < removal.start_ms]
    place = _end_of(line.text, before)
    parts = (line.text[:place], removal.raw, line.text[place:])
    line.text = " ".join(part.strip() for part in parts if part.strip())
    line.words = before + _words(removal) + line.words[len(before) :]
    line.start_ms = min(line.start_ms, removal.start_ms)
    line.end_ms = max(line.end_ms, removal.end_ms)
    line.save()
    return line


def _end_of(text: str, words: list[list[Any]]) -> int:
    """Where in a text its first timed words end."""
    at = 0
    for word, *_ in words:
        found = text.find(word, at)
        at = found + len(word) if found >= 0 else at
    return at


def _words(removal: Removal) -> list[list[Any]]:
    """The words of a removal, spread over its time: theirs are not known."""
    texts = removal.raw.split()
    step = (removal.end_ms - removal.start_ms) / max(len(texts), 1)
    times = [round(removal.start_ms + n * step) for n in range(len(texts) + 1)]
    return [
        [text, start, end, SURE]
        for text, start, end in zip(texts, times, times[1:], strict=False)
    ]


def language_at(speaker: Participant, at_ms: int) -> str:
    """The language in which somebody spoke then; empty when nothing tells."""
    lines = Utterance.objects.filter(participant=speaker).exclude(language="")
    near = lines.filter(start_ms__lte=at_ms).order_by("-start_ms").first()
    line = near or lines.order_by("start_ms").first()
    if line:
        return line.language
    return speaker.language or speaker.meeting.language


@transaction.atomic
def teach(speaker: Participant, at_ms: int, text: str, tier: str) -> Phrase:
    """Put a text that somebody's track gave into the bag of their language.

    What is certain does not become ambiguous by it. Raises ValidationError when the
    text is no phrase, or its language has no row.
    """
    code = language_at(speaker, at_ms)
    language = Language.objects.filter(code=code).first()
    if language is None:
        raise ValidationError(f"There is no language {code!r} in the admin")
    row = Phrase.objects.filter(language=language, normal=normal(text)).first()
    row = row or Phrase(language=language, phrase=text.strip())
    if (row.tier, tier) != (Phrase.Tier.CERTAIN, Phrase.Tier.AMBIGUOUS):
        row.tier = tier
    row.full_clean()
    row.save()
    Configuration.publish()
    return row

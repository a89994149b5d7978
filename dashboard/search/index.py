"""The rows that search reads, made anew for a meeting as a whole."""

from collections.abc import Iterator, Sequence

from django.db import transaction

from dashboard.models import Turn
from meetings.models import Meeting
from transcription.models import Utterance

from .normal import normal
from .turns import SpokenLine, text_of, turns_of, word_places

BATCH = 500


@transaction.atomic
def rebuild(meeting: Meeting) -> int:
    """Replace the turns of ``meeting``; returns how many there are now."""
    Turn.objects.filter(meeting=meeting).delete()
    rows = (_row(meeting, turn) for turn in turns_of(_lines(meeting)))
    return len(Turn.objects.bulk_create(rows, batch_size=BATCH))


def _lines(meeting: Meeting) -> Iterator[SpokenLine]:
    columns = ("participant_id", "start_ms", "end_ms", "text", "words")
    rows = Utterance.objects.filter(meeting=meeting).values_list(*columns)
    for row in rows.iterator(BATCH):
        yield SpokenLine(*row)


def _row(meeting: Meeting, turn: Sequence[SpokenLine]) -> Turn:
    text = text_of(turn)
    return Turn(
        meeting=meeting,
        participant_id=turn[0].participant,
        start_ms=turn[0].start_ms,
        end_ms=max(line.end_ms for line in turn),
        text=text,
        words=word_places(turn),
        normal=normal(text),
    )

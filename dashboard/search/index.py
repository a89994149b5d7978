"""What search and the list read of a meeting, made anew as a whole."""

from collections.abc import Iterator, Sequence

from django.db import connection, transaction

from dashboard.call.lanes import strip_of
from dashboard.models import TalkStrip, Turn
from meetings.models import Meeting
from transcription.models import Utterance

from .normal import normal
from .turns import SpokenLine, text_of, turns_of, word_places

BATCH = 500
FORGET = {
    "sqlite": "INSERT INTO dashboard_turn_words(dashboard_turn_words) "
    "VALUES ('optimize')",
    "postgresql": "REINDEX INDEX CONCURRENTLY dashboard_turn_vector",
}


@transaction.atomic
def rebuild(meeting: Meeting) -> int:
    """Replace turns and strip of ``meeting``; returns how many turns there are now."""
    strip = {"paths": strip_of(meeting)}
    TalkStrip.objects.update_or_create(meeting=meeting, defaults=strip)
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


def forget() -> None:
    """Take out of the index what it still knows of rows that are gone: both databases
    only mark it. Not inside a transaction."""
    with connection.cursor() as cursor:
        cursor.execute(FORGET[connection.vendor])

"""What search and the list read of a meeting, made anew as a whole."""

from collections.abc import Iterable, Iterator, Sequence

from django.db import connection, transaction
from django.db.models import Exists, OuterRef, Q

from dashboard.call.lanes import strip_of
from dashboard.models import TalkStrip, Turn
from dashboard.trackers.hits import rerun
from meetings import jobs
from meetings.models import Job, Meeting
from transcription.models import Removal, Utterance

from .kinds import Circumstances, said_in
from .labels import relabel
from .normal import normal
from .turns import SpokenLine, language_of, text_of, turns_of, word_places

VERSION = 1  # raise it with any change of what a turn is: old calls are indexed anew
BATCH = 500
AT_A_TIME = 20  # old calls that wait for their index in the queue
FORGET = {
    "sqlite": "INSERT INTO dashboard_turn_words(dashboard_turn_words) "
    "VALUES ('optimize')",
    "postgresql": "REINDEX INDEX CONCURRENTLY dashboard_indexedturn_vector",
}


@transaction.atomic
def rebuild(meeting: Meeting) -> int:
    """Replace turns, hits, labels and strip of ``meeting``; how many turns there are
    now."""
    strip = {"paths": strip_of(meeting), "version": VERSION}
    TalkStrip.objects.update_or_create(meeting=meeting, defaults=strip)
    relabel(meeting)
    Turn.objects.filter(meeting=meeting).delete()
    count = write(meeting, lines_of(meeting))
    rerun(meeting)
    return count


def write(meeting: Meeting, lines: Iterable[SpokenLine]) -> int:
    """Add the turns of these lines; how many they are."""
    lines = list(lines)
    told = Circumstances(lines, _removals(meeting))
    rows = (_row(meeting, turn, told) for turn in turns_of(lines))
    return len(Turn.objects.bulk_create(rows, batch_size=BATCH))


def lines_of(meeting: Meeting, since_ms: int = 0) -> Iterator[SpokenLine]:
    """What is said in ``meeting`` from a moment on, in order."""
    columns = ("participant_id", "start_ms", "end_ms", "text", "words", "language")
    rows = Utterance.objects.filter(meeting=meeting, start_ms__gte=since_ms)
    for row in rows.values_list(*columns).iterator(BATCH):
        yield SpokenLine(*row)


def _removals(meeting: Meeting) -> list[tuple[int, int, int]]:
    rows = Removal.objects.filter(meeting=meeting, restored_at=None)
    return list(rows.values_list("participant_id", "start_ms", "end_ms"))


def _row(meeting: Meeting, turn: Sequence[SpokenLine], told: Circumstances) -> Turn:
    text, language = text_of(turn), language_of(turn)
    return Turn(
        meeting=meeting,
        participant_id=turn[0].participant,
        start_ms=turn[0].start_ms,
        end_ms=max(line.end_ms for line in turn),
        text=text,
        words=word_places(turn),
        normal=normal(text),
        language=language,
        **said_in(text, language),
        **told.of(turn),
    )


def catch_up() -> int:
    """Ask for the index of ended calls that have none by today's rules, newest first, a
    few at a time; how many were asked for. Made again now and then."""
    asked = Job.objects.filter(kind="index")
    waiting = asked.filter(state__in=Job.UNFINISHED).count()
    if waiting >= AT_A_TIME:
        return 0
    done = TalkStrip.objects.filter(meeting=OuterRef("pk"), version=VERSION)
    before = asked.filter(
        Q(payload={"version": VERSION}) | Q(state__in=Job.UNFINISHED),
        meeting=OuterRef("pk"),
    )
    calls = Meeting.objects.filter(~Exists(done), ~Exists(before))
    calls = calls.filter(state=Meeting.State.ENDED).order_by("-created_at", "-pk")
    found = list(calls[: AT_A_TIME - waiting])
    for meeting in found:
        jobs.request("index", meeting, version=VERSION)
    return len(found)


def forget() -> None:
    """Take out of the index what it still knows of rows that are gone: both databases
    only mark it. Not inside a transaction."""
    with connection.cursor() as cursor:
        cursor.execute(FORGET[connection.vendor])

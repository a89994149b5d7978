"""What migrations of the index leave behind."""

import pytest
from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.db.models import BigIntegerField

from dashboard.models import Turn
from dashboard.search.find import find
from dashboard.search.normal import normal
from meetings.models import Job, Meeting, Participant
from tests.cast import Cast

pytestmark = pytest.mark.django_db(transaction=True)


def migrate(name: str) -> None:
    MigrationExecutor(connection).migrate([("dashboard", name)])


def turn(speaker: Participant, text: str) -> Turn:
    row: Turn = Turn.objects.create(
        meeting_id=speaker.meeting_id,
        participant=speaker,
        start_ms=0,
        end_ms=1,
        text=text,
        words=[[0, 0]],
        normal=normal(text),
    )
    return row


def test_calls_in_korean_are_indexed_anew(cast: Cast) -> None:
    assert cast.owner.seat and cast.other_guest.seat
    migrate("0002_words_of_turns")
    try:
        turn(cast.owner.seat, "이번 예산은 얼마입니까")
        turn(cast.owner.seat, "예산을 줄였습니다")
        turn(cast.other_guest.seat, "The budget")
    finally:
        migrate("0004_korean_in_pairs")
    asked = Job.objects.filter(kind="index", state="queued")
    assert [job.meeting for job in asked] == [Meeting.objects.get(pk=cast.meeting.pk)]


def test_search_follows_the_text_after_its_table_was_rebuilt(cast: Cast) -> None:
    """SQLite drops the triggers of the index with the old table."""
    assert cast.owner.seat and cast.owner.user
    kept = turn(cast.owner.seat, "the budget")
    field = Turn._meta.get_field("start_ms")
    wider = BigIntegerField()
    wider.set_attributes_from_name("start_ms")
    with connection.schema_editor() as editor:
        editor.alter_field(Turn, field, wider)
        editor.alter_field(Turn, wider, field)
    turn(cast.owner.seat, "the price")  # before anybody has looked
    call_command("migrate", verbosity=0)
    kept.delete()
    turn(cast.owner.seat, "the date")
    found = [
        find(cast.owner.user, word, 1).count for word in ("budget", "price", "date")
    ]
    assert found == [0, 1, 1]

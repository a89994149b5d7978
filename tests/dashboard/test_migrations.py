"""What migrations of the index leave behind."""

from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection
from django.db.models import BigIntegerField

from dashboard.models import IndexedTurn, Turn
from dashboard.search import Asker, find
from dashboard.search.normal import normal
from meetings.models import Job, Meeting, Participant
from tests.cast import Cast
from tests.migrating import migrate

pytestmark = pytest.mark.django_db(transaction=True)


def turn(speaker: Participant, text: str, model: Any = Turn) -> Turn:
    row: Turn = model.objects.create(
        meeting_id=speaker.meeting_id,
        participant_id=speaker.pk,
        start_ms=0,
        end_ms=1,
        text=text,
        words=[[0, 0]],
        normal=normal(text),
    )
    return row


def test_calls_in_korean_are_indexed_anew(cast: Cast) -> None:
    assert cast.owner.seat and cast.other_guest.seat
    then = migrate("dashboard", "0002_words_of_turns").get_model("dashboard", "Turn")
    try:
        turn(cast.owner.seat, "이번 예산은 얼마입니까", then)
        turn(cast.owner.seat, "예산을 줄였습니다", then)
        turn(cast.other_guest.seat, "The budget", then)
    finally:
        migrate("dashboard")
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
        find(Asker(cast.owner.user), word).count for word in ("budget", "price", "date")
    ]
    assert found == [0, 1, 1]


def test_turns_are_found_on_both_sides_of_their_short_rows(cast: Cast) -> None:
    """Back and forth as often as one likes."""
    assert cast.owner.seat and cast.owner.user
    for text in ("the budget", "the price"):
        then = migrate("dashboard", "0011_drafts").get_model("dashboard", "Turn")
        try:
            turn(cast.owner.seat, text, then)
        finally:
            migrate("dashboard")
    gone = turn(cast.owner.seat, "the date")
    Turn.objects.filter(pk=gone.pk).delete()
    found = [
        find(Asker(cast.owner.user), word).count for word in ("budget", "price", "date")
    ]
    assert found == [1, 1, 0]
    assert IndexedTurn.objects.count() == Turn.objects.count() == 2

"""What migrations make of rows that are there."""

import pytest
from django.db import IntegrityError, connection
from django.db.migrations.executor import MigrationExecutor

from tests.cast import Cast
from tests.dashboard.calls import say
from transcription.models import Utterance

pytestmark = pytest.mark.django_db(transaction=True)


def migrate(name: str) -> None:
    MigrationExecutor(connection).migrate([("transcription", name)])


def test_a_caption_that_was_written_twice_becomes_one_line(cast: Cast) -> None:
    assert cast.owner.seat and cast.other_guest.seat
    migrate("0005_starter_bags_of_real_models")
    try:
        for text in ("Good mor", "Good morning"):
            say(cast.owner.seat, 0, text, caption_id="c1")
        say(cast.other_guest.seat, 0, "Of another call", caption_id="c1")
        for text in ("Of the second pass", "And another"):
            say(cast.owner.seat, 9000, text)
    finally:
        migrate("0007_captions_are_unique")
    kept = sorted(line.text for line in Utterance.objects.all())
    assert kept == [
        "And another",
        "Good morning",
        "Of another call",
        "Of the second pass",
    ]


def test_a_caption_is_one_line(cast: Cast) -> None:
    assert cast.owner.seat
    say(cast.owner.seat, 0, "Good morning", caption_id="c1")
    with pytest.raises(IntegrityError):
        say(cast.owner.seat, 0, "Good morning", caption_id="c1")

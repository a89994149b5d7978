"""What migrations make of rows that are there."""

import pytest
from django.db import IntegrityError

from meetings.models import Participant
from tests.cast import Cast
from tests.dashboard.calls import say
from tests.migrating import migrate
from transcription.models import Utterance

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_caption_that_was_written_twice_becomes_one_line(cast: Cast) -> None:
    assert cast.owner.seat and cast.other_guest.seat
    before = migrate("transcription", "0005_starter_bags_of_real_models")
    lines = before.get_model("transcription", "Utterance").objects

    def write(who: Participant, start_ms: int, text: str, caption: str = "") -> None:
        about = {"meeting_id": who.meeting_id, "participant_id": who.pk}
        times = {"start_ms": start_ms, "end_ms": start_ms + 1_000}
        lines.create(text=text, caption_id=caption, **about, **times)

    try:
        for text in ("Good mor", "Good morning"):
            write(cast.owner.seat, 0, text, "c1")
        write(cast.other_guest.seat, 0, "Of another call", "c1")
        for text in ("Of the second pass", "And another"):
            write(cast.owner.seat, 9000, text)
    finally:
        migrate("transcription")
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

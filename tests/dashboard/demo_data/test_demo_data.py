"""Made-up calls are as real ones, but for their sound."""

from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from dashboard.demo_data.speech import RARE_WORDS, rare_words
from dashboard.models import Label, StoredFigure, TalkStrip, Turn
from dashboard.search.index import rebuild
from meetings.models import Meeting
from meetings.recordings import retention
from tests.cast import Cast
from transcription.models import Utterance

COLUMNS = ("start_ms", "end_ms", "text", "normal", "language", "question", "commitment")


def make(*options: str) -> str:
    told = StringIO()
    call_command("demo_data", *options, stdout=told)
    return told.getvalue()


def demo(cast: Cast) -> list[str]:
    assert cast.owner.user
    return ["--owner", cast.owner.user.email]


def made() -> Any:
    return Meeting.objects.filter(title__endswith="(made up)").order_by("pk")


def test_it_makes_calls_with_words_and_figures(cast: Cast) -> None:
    make("--calls", "3", "--utterances", "60", *demo(cast))
    assert made().count() == 3
    assert Utterance.objects.count() == 60
    assert StoredFigure.objects.of_calls().filter(figure="talk_ratio").count() == 3
    assert cast.owner.client.get("/?q=is:internal").status_code == 200
    for meeting in made():
        page = cast.owner.client.get(f"/calls/{meeting.code}/")
        assert page.status_code == 200


def test_it_makes_the_turns_that_the_index_would(cast: Cast) -> None:
    make("--calls", "2", "--utterances", "60", *demo(cast))
    for meeting in made():
        turns = Turn.objects.filter(meeting=meeting)
        before = list(turns.values_list("participant", *COLUMNS, "number"))
        labels = set(Label.objects.filter(meeting=meeting).values_list("normal"))
        strip = TalkStrip.objects.get(meeting=meeting).paths
        rebuild(meeting)
        assert list(turns.values_list("participant", *COLUMNS, "number")) == before
        kept = set(Label.objects.filter(meeting=meeting).values_list("normal"))
        assert kept == labels
        assert TalkStrip.objects.get(meeting=meeting).paths == strip


def test_it_makes_the_same_calls_of_the_same_seed(cast: Cast) -> None:
    make("--calls", "1", "--utterances", "20", *demo(cast))
    make("--calls", "1", "--utterances", "20", *demo(cast))
    make("--calls", "1", "--utterances", "20", "--seed", "1", *demo(cast))
    first, second, other = [
        [turn.text for turn in meeting.turns.all()] for meeting in made()
    ]
    assert first == second != other


def test_it_makes_no_call_that_retention_would_delete(
    cast: Cast, settings: Any
) -> None:
    settings.RETENTION_DAYS = 10
    make("--calls", "20", "--utterances", "20", *demo(cast))
    assert retention.expire() == 0
    assert made().count() == 20


def test_it_takes_them_away_again(cast: Cast) -> None:
    make("--calls", "2", "--utterances", "4", *demo(cast))
    assert "2 made-up calls are deleted." in make("--remove")
    assert not made().exists()
    assert Meeting.objects.filter(pk=cast.meeting.pk).exists()


@pytest.mark.parametrize("options", [["--calls", "0"], ["--utterances", "3"]])
def test_it_says_when_there_is_nothing_to_make(cast: Cast, options: list[str]) -> None:
    with pytest.raises(CommandError, match="at least one"):
        make(*options, *demo(cast))


def test_its_rare_words_differ() -> None:
    assert len(set(rare_words())) == RARE_WORDS

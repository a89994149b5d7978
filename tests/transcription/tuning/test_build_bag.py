"""``manage.py build_bag``: what the model invents becomes a list, or rows."""

import csv
from io import StringIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from django.core.management import CommandError, call_command

from benchmarks.fixture_model import FIXTURE_MODEL
from meetings.models import Participant
from tests.cast import Cast
from transcription.management.commands import build_bag
from transcription.models import Configuration, Language, Phrase, Utterance
from transcription.speech.engine import invented
from transcription.tuning import harvest
from transcription.tuning.bags import Entry

CALL = Path(__file__).parents[2] / "espeak_call"


@pytest.fixture
def english(db: None, settings: Any) -> Language:
    """English without a phrase, and the fixture model."""
    settings.WHISPER_MODEL = str(FIXTURE_MODEL)
    settings.WHISPER_DEVICE = "cpu"
    row = Language.objects.get(code="en")
    row.phrases.all().delete()
    return row


def build(*options: object) -> tuple[list[dict[str, str]], str]:
    """The lines of the CSV, and the summary."""
    out, err = StringIO(), StringIO()
    call_command("build_bag", "--language=en", *options, stdout=out, stderr=err)
    return list(csv.DictReader(StringIO(out.getvalue()))), err.getvalue()


def test_it_counts_the_sounds_that_a_sentence_was_written_for() -> None:
    texts = ["Thank you. Thanks for watching!", "thank you, thank you, thank you", ""]
    assert invented.count(texts) == {"thank you": 2, "thanks for watching": 1}


def test_it_counts_where_there_are_no_spaces() -> None:
    assert invented.count(["ご視聴ありがとうございました。チャンネル登録"]) == {
        "ご視聴ありがとうございました": 1,
        "チャンネル登録": 1,
    }


def test_it_finds_what_is_said_at_word_boundaries() -> None:
    phrases = ["thank you", "see you next week", "you"]
    lines = ["Well, THANK you all.", "Bayou", "See you next weekend"]
    assert harvest.spoken(phrases, lines) == {"thank you", "you"}
    assert harvest.spoken([], lines) == set()


def test_it_rates() -> None:
    counts = {
        "subtitles by nobody at all": 2,
        "see you in the next one": 1,
        "let us look at prices": 9,
        "thank you": 5,
        "bang": 1,
        "ご視聴ありがとうございました": 3,
    }
    assert harvest.rate(counts, {"let us look at prices", "thank you"}) == [
        Entry("thank you", 5, "ambiguous"),
        Entry("ご視聴ありがとうございました.", 3, "certain"),
        Entry("subtitles by nobody at all.", 2, "certain"),
        Entry("bang", 1, "ambiguous"),
        Entry("see you in the next one", 1, "ambiguous"),
    ]


def test_it_cuts_recordings_into_windows() -> None:
    pieces = [np.full(7 * 16_000, n, np.int16) for n in range(5)]
    cut = list(harvest.windows(pieces))
    assert [len(window) / 16_000 for window in cut] == [29, 6]
    assert (np.concatenate(cut) == np.concatenate(pieces) / 2**15).all()
    assert list(harvest.windows([])) == []


def test_it_proposes_what_the_model_wrote(english: Language, tmp_path: Path) -> None:
    (tmp_path / "call.ogg").write_bytes((CALL / "ben.ogg").read_bytes())
    (tmp_path / "notes.txt").write_text("no sound in here")
    lines, summary = build("--noise", tmp_path)
    assert "notes.txt is left out" in summary
    assert lines
    assert all(line["phrase"] and int(line["count"]) for line in lines)
    assert english.phrases.count() == 0


def test_it_writes_a_file_that_import_bag_reads(
    english: Language, tmp_path: Path
) -> None:
    (tmp_path / "noise").mkdir()
    (tmp_path / "noise" / "a.ogg").write_bytes((CALL / "ben.ogg").read_bytes())
    version = Configuration.now().version
    build("--noise", tmp_path / "noise", "--out", tmp_path / "en.csv", "--apply")
    rows = {row.normal: row for row in english.phrases.all()}
    assert rows
    assert {row.source for row in rows.values()} == {"harvest"}
    assert {row.model for row in rows.values()} == {str(FIXTURE_MODEL)}
    assert Configuration.now().version == version + 1
    call_command("import_bag", tmp_path / "en.csv", language="en", stdout=StringIO())
    for row in english.phrases.all():
        assert (row.tier, row.count) == (rows[row.normal].tier, rows[row.normal].count)


def test_it_makes_noise_from_seeds(english: Language) -> None:
    _, summary = build("--rounds", 0)
    assert summary == ("en: 0 sounds, 0 with text; 0 phrases certain, 0 ambiguous\n")
    made = [name for name, _ in invented.made(rounds=2)]
    assert len(made) == len(set(made)) == 2 * 10 * len(invented.SECONDS)


def test_it_hears_made_noise(
    english: Language, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(invented, "SECONDS", (1,))
    first = build("--rounds", 1)
    assert "en: 10 sounds" in first[1]
    assert build("--rounds", 1) == first


def test_it_never_calls_certain_what_people_here_say(
    english: Language, cast: Cast
) -> None:
    speaker = Participant.objects.get(pk=cast.owner.seat.pk)  # type: ignore[union-attr]
    Utterance.objects.create(
        meeting=speaker.meeting,
        participant=speaker,
        start_ms=0,
        end_ms=1,
        text="Let us look at the prices.",
        language="en",
        transcript_pass=Utterance.Pass.FINAL,
    )
    heard = ["Let us look at the prices."] * 3 + ["Come and see me again."] * 3
    assert build_bag.propose(english, heard, ["Please come and see me again"]) == []
    assert build_bag.propose(english, ["Watch me every day."] * 2, []) == [
        Entry("watch me every day.", 2, "certain")
    ]


def test_it_leaves_a_persons_choice_alone(english: Language) -> None:
    for phrase, tier in (("watch me every day", "keep"), ("bang", "certain")):
        english.phrases.create(phrase=phrase, normal=phrase, tier=tier)
    entries = build_bag.propose(english, ["Watch me every day. Bang!"] * 2, [])
    build_bag.apply(english, entries, "tiny")
    tiers = dict(english.phrases.values_list("phrase", "tier"))
    assert tiers == {"watch me every day": "keep", "bang": "certain"}
    assert Phrase.objects.get(normal="bang", language=english).count == 2


def test_it_says_what_is_wrong(
    english: Language, tmp_path: Path, settings: Any
) -> None:
    with pytest.raises(CommandError, match="holds no file"):
        build("--noise", tmp_path)
    with pytest.raises(CommandError, match="No such file"):
        build("--corpus", tmp_path / "none.txt")
    settings.WHISPER_MODEL = "small"
    settings.MODELS_DIR = tmp_path
    with pytest.raises(CommandError, match="small"):
        build()

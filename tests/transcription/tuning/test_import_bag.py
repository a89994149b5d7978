"""``manage.py import_bag``: a list of phrases becomes rows."""

import time
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from transcription.models import Configuration, Language, Phrase

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def english() -> Language:
    """English without a phrase."""
    row = Language.objects.get(code="en")
    row.phrases.all().delete()
    return row


@pytest.fixture
def take(tmp_path: Path) -> Any:
    """Import a list's text; gives the line of result."""

    def import_bag(text: str | bytes, *options: str) -> str:
        file, out = tmp_path / "bag.csv", StringIO()
        file.write_bytes(text if isinstance(text, bytes) else text.encode())
        call_command("import_bag", file, *options, "--language=en", stdout=out)
        return out.getvalue()

    return import_bag


def bag() -> dict[str, tuple[str, int, str]]:
    rows = Phrase.objects.filter(language__code="en")
    return {row.phrase: (row.tier, row.count, row.source) for row in rows}


def test_it_takes_phrases_and_counts(take: Any) -> None:
    version = Configuration.now().version
    told = take('phrase,count\n"Well, thanks.",12\nyou,3\n')
    assert told == "en: 2 new phrases, 0 known before, 0 lines left out\n"
    assert bag() == {
        "Well, thanks.": ("ambiguous", 12, "import"),
        "you": ("ambiguous", 3, "import"),
    }
    assert Configuration.now().version == version + 1


def test_it_takes_the_public_lists_header(take: Any) -> None:
    take("prediction,number of occurrences in noise\nthanks for watching,12525\n")
    assert bag() == {"thanks for watching": ("ambiguous", 12525, "import")}


def test_it_takes_what_a_spreadsheet_wrote(take: Any) -> None:
    take(b"\xef\xbb\xbfTier, Phrase \r\ncertain,Bye now.\r\n\r\n,caf\xc3\xa9\r\n")
    assert bag() == {
        "Bye now.": ("certain", 0, "import"),
        "café": ("ambiguous", 0, "import"),
    }


def test_it_adds_up_equal_phrases(take: Any) -> None:
    take("phrase,count\nThank you.,5\nthank you,2\nTHANK YOU!,-1\n")
    assert bag() == {"Thank you.": ("ambiguous", 7, "import")}


def test_it_gives_the_same_twice(take: Any) -> None:
    take("phrase,count\nyou,3\n")
    told = take("phrase,count\nyou,3\n")
    assert told == "en: 0 new phrases, 1 known before, 0 lines left out\n"
    assert bag() == {"you": ("ambiguous", 3, "import")}


def test_it_leaves_a_persons_choice_alone(take: Any, english: Language) -> None:
    for phrase, tier in (("bye", "keep"), ("[music]", "certain")):
        row = Phrase(language=english, phrase=phrase, tier=tier)
        row.full_clean()
        row.save()
    take("phrase,count\nmusic,4\nbye,9\n")
    assert bag() == {
        "bye": ("keep", 9, "person"),
        "[music]": ("certain", 4, "person"),
    }


def test_it_changes_the_tier_when_told(take: Any, english: Language) -> None:
    english.phrases.create(phrase="bye", normal="bye", tier="keep")
    english.phrases.create(phrase="you", normal="you", tier="ambiguous")
    take("phrase\nyou\nbye\nnew one\n", "--tier=certain")
    tiers = {phrase: told[0] for phrase, told in bag().items()}
    assert tiers == {"bye": "keep", "you": "certain", "new one": "certain"}


def test_a_phrase_of_another_tier_is_spelt_as_the_list_says(
    take: Any, english: Language
) -> None:
    for phrase, tier in (("music", "ambiguous"), ("[rain]", "certain")):
        english.phrases.create(phrase=phrase, normal=phrase.strip("[]"), tier=tier)
    take("phrase,tier\n[music],certain\nrain,certain\n")
    assert bag() == {
        "[music]": ("certain", 0, "person"),
        "[rain]": ("certain", 0, "person"),
    }


def test_a_list_without_counts_leaves_them_alone(take: Any) -> None:
    take("phrase,count\nyou,9\n")
    take("phrase,,\nyou,,\n")
    assert bag() == {"you": ("ambiguous", 9, "import")}


def test_it_leaves_out_what_is_no_phrase(take: Any) -> None:
    told = take(f"phrase,count\n...,1\n{'x' * 201},1\na\0b,1\nyou\n")
    assert told == "en: 1 new phrases, 0 known before, 3 lines left out\n"
    assert bag() == {"you": ("ambiguous", 0, "import")}


def test_it_takes_an_empty_list(take: Any) -> None:
    assert "0 new phrases" in take("phrase,count\n")


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "line 1: expected a header"),
        ("you,3\n", "line 1: expected a header"),
        ("phrase,count\nyou,3\nme,many\n", "row 3: the count is 'many'"),
        ("phrase,tier\nyou,sure\n", "row 2: no tier 'sure'; there are: certain"),
        (b"phrase\n\xff\n", "utf-8"),
        ("phrase\nThank you, and see you\n", "row 2: more cells than columns"),
        ('phrase,count\n"Thanks,3\nBye,4\n', "unexpected end of data"),
        ('phrase\n"' + "x" * 200_000 + '"\n', "field larger than"),
    ],
)
def test_it_refuses_with_the_reason(text: str | bytes, reason: str, take: Any) -> None:
    with pytest.raises(CommandError) as refused:
        take(text)
    assert reason in str(refused.value)
    assert bag() == {}


def test_it_says_what_is_wrong_with_its_arguments(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="No such file"):
        call_command("import_bag", tmp_path / "none.csv", "--language=en")
    with pytest.raises(CommandError, match="no language 'xx' in the admin; there: de"):
        call_command("import_bag", tmp_path / "none.csv", "--language=xx")


def test_it_takes_a_long_list_in_seconds(take: Any) -> None:
    lines = "".join(f"made up phrase number {n},{n}\n" for n in range(10_000))
    began = time.process_time()
    take("phrase,count\n" + lines)
    assert time.process_time() - began < 5  # CPU seconds, so that a busy machine may
    assert Phrase.objects.filter(language__code="en").count() == 10_000

"""``manage.py languages``: rows to TOML and back."""

from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from transcription.models import Configuration, Language, Phrase
from transcription.tuning.toml import dump, load

pytestmark = pytest.mark.django_db


def rows() -> list[Any]:
    """Everything that is tuned, without ids and times."""
    fields = [f.name for f in Language._meta.fields if f.name != "id"]
    return [
        (
            *(getattr(language, name) for name in fields),
            *language.phrases.values_list("phrase", "normal", "tier", "count"),
        )
        for language in Language.objects.all()
    ]


def phrases(code: str) -> dict[str, str]:
    row = Language.objects.get(code=code)
    return dict(row.phrases.values_list("phrase", "tier"))


def test_it_gives_back_what_it_took(tmp_path: Path) -> None:
    file = tmp_path / "languages.toml"
    english = Language.objects.get(code="en")
    english.prompt = 'He said: "Ça va?"\nYes — 日本.'
    english.vocabulary = "Acme\nCRM"
    english.weak_speech = 0.45
    english.enabled = False
    english.save()
    english.phrases.create(phrase="Deal!", normal="deal", tier="keep")
    before, version = rows(), Configuration.now().version
    call_command("languages", "export", file)
    Language.objects.all().delete()
    call_command("languages", "import", file, stdout=StringIO())
    assert rows() == before
    assert Configuration.now().version == version + 1


def test_it_prints_for_a_pipe() -> None:
    out = StringIO()
    call_command("languages", "export", stdout=out)
    assert out.getvalue() == dump()
    assert "[en]\n" in out.getvalue()


def test_it_leaves_what_the_file_does_not_name() -> None:
    english = Language.objects.get(code="en")
    english.phrases.all().delete()
    english.phrases.create(phrase="Deal!", normal="deal", tier="keep")
    english.phrases.create(phrase="old", normal="old", tier="certain")
    others = Language.objects.exclude(code="en").count()
    load('[en]\nprompt = "New."\nphrases = {certain = ["[music]"]}')
    english.refresh_from_db()
    assert (english.name, english.prompt) == ("English", "New.")
    assert phrases("en") == {"Deal!": "keep", "[music]": "certain"}
    assert Language.objects.exclude(code="en").count() == others


def test_it_moves_a_phrase_and_keeps_its_history() -> None:
    english = Language.objects.get(code="en")
    english.phrases.all().delete()
    english.phrases.create(
        phrase="thank you",
        normal="thank you",
        tier="certain",
        count=30,
        source=Phrase.Source.HARVEST,
    )
    load('[en.phrases]\ncertain = []\nambiguous = ["Thank you!"]')
    row = english.phrases.get()
    assert (row.phrase, row.tier) == ("Thank you!", "ambiguous")
    assert (row.count, row.source) == (30, "harvest")


def test_it_makes_a_language() -> None:
    load(
        '[cy]\nname = "Welsh"\nscripts = ["Latin"]\nphrases = {ambiguous = ["diolch"]}'
    )
    assert Language.objects.get(code="cy").scripts == ["Latin"]
    assert phrases("cy") == {"diolch": "ambiguous"}


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("[en", "no TOML"),
        ("en = 1", "en: expected a table"),
        ("[xx]", "xx: code: Whisper knows no language 'xx'"),
        ("[en]\ncolour = 1", "en: no field 'colour'"),
        ("[en]\ncode = 'fr'", "en: no field 'code'"),
        ("[en]\nweak_speech = nan", "en: weak_speech: expected a number"),
        ("[en]\nweak_speech = true", "en: weak_speech: expected a number"),
        ("[en]\nweak_probability = 1.5", "en: weak_probability: Ensure this value"),
        ("[en]\nenabled = 'yes'", "en: enabled: expected true or false"),
        ("[en]\nname = 3", "en: name: expected a string"),
        ("[en]\nvocabulary = 'Acme'", "en: vocabulary: expected a list"),
        ("[en]\nscripts = ['Runes']", "en: scripts: unknown script Runes"),
        (f"[en]\nprompt = '{'x' * 401}'", "en: prompt: more than 400 characters"),
        ("[en]\nphrases = 1", "en: phrases: expected a table"),
        ("[en.phrases]\nsure = []", "en: phrases: no field 'sure'; there are: certain"),
        ("[en.phrases]\nkeep = [1]", "en: phrases: keep: 0: expected a string"),
        ("[en.phrases]\nkeep = ['...']", "en: phrases: keep: '...' has no word"),
        (f"[en.phrases]\nkeep = ['{'x' * 201}']", "more than 200 characters"),
        ("[en.phrases]\nkeep = ['A']\ncertain = ['a!']", "'A' is 'a!' in certain too"),
    ],
)
def test_it_refuses_with_the_reason_and_changes_nothing(
    text: str, reason: str, tmp_path: Path
) -> None:
    file = tmp_path / "languages.toml"
    # what stands before the fault is not taken over either
    file.write_text(f"[de]\nname = 'Changed'\n{text}" if text[0] == "[" else text)
    before, version = rows(), Configuration.now().version
    with pytest.raises(CommandError) as refused:
        call_command("languages", "import", file)
    assert reason in str(refused.value)
    assert (rows(), Configuration.now().version) == (before, version)


def test_it_says_what_is_wrong_with_a_file(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="No such file"):
        call_command("languages", "import", tmp_path / "none.toml")
    with pytest.raises(CommandError, match="No such file"):
        call_command("languages", "export", tmp_path / "none" / "languages.toml")
    (tmp_path / "latin1.toml").write_bytes(b"[en]\nname = '\xe9'")
    with pytest.raises(CommandError, match="utf-8"):
        call_command("languages", "import", tmp_path / "latin1.toml")


def test_it_takes_a_large_bag(django_assert_max_num_queries: Any) -> None:
    listed = ", ".join(f'"made up phrase {n}"' for n in range(5_000))
    with django_assert_max_num_queries(60):
        load(f"[cy.phrases]\nambiguous = [{listed}]")
    assert Phrase.objects.filter(language__code="cy").count() == 5_000


def test_it_takes_what_an_editor_saved(tmp_path: Path) -> None:
    file = tmp_path / "languages.toml"
    file.write_bytes(b"\xef\xbb\xbf[EN]\r\nname = 'Anglais'\r\n")
    call_command("languages", "import", file, stdout=StringIO())
    assert Language.objects.get(code="en").name == "Anglais"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (b"[en]\nname = 'Fran\xe7ais'\n", "languages.toml is not UTF-8"),
        (b"[en]\nprompt = " + b"[" * 5000, "no TOML"),
        (b"[en]\nweak_speech = 1" + b"0" * 400, "en: weak_speech: expected a number"),
        (b'[en]\nprompt = "a\\u0000b"', "en: prompt: a null character"),
        (b'[en.phrases]\nkeep = ["a\\u0000b"]', "or a null character"),
    ],
)
def test_it_refuses_a_hostile_file(tmp_path: Path, text: bytes, reason: str) -> None:
    file, before = tmp_path / "languages.toml", rows()
    file.write_bytes(text)
    with pytest.raises(CommandError) as refused:
        call_command("languages", "import", file)
    assert reason in str(refused.value)
    assert rows() == before

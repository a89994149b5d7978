"""How the phrases of the project get into a site's bags."""

import pytest
from django.test import Client

from transcription.models import Language, Phrase
from transcription.speech.filters.seed import seeds
from transcription.tuning import snapshot, toml

pytestmark = pytest.mark.django_db


def counted(code: str) -> set[tuple[str, int, str]]:
    return {(seed.phrase, seed.count, seed.models) for seed in seeds(code)}


def rows(code: str) -> set[tuple[str, int, str]]:
    found = Phrase.objects.filter(language__code=code)
    return set(found.values_list("phrase", "count", "model"))


def test_they_say_for_how_many_noises_a_model_wrote_them() -> None:
    assert ("det är en kärn", 32, "base float16") in counted("sv")
    assert rows("en") == counted("en")


def test_an_admin_who_adds_a_language_gets_its_starter_bag(
    admin_client: Client,
) -> None:
    form = {"code": "sv", "name": "Swedish", "enabled": "on"}
    numbers = {"weak_speech": 0.3, "weak_probability": 0.5, "weak_no_speech": 0.6}
    page = admin_client.post("/admin/transcription/language/add/", form | numbers)
    assert page.status_code == 302
    assert rows("sv") == counted("sv")


def test_a_file_that_makes_a_language_starts_from_the_bag() -> None:
    toml.load('[sv]\nname = "Swedish"\nphrases = {keep = ["det är en kärn"]}\n')
    assert rows("sv") == counted("sv")
    kept = Phrase.objects.filter(language__code="sv", tier=Phrase.Tier.KEEP)
    assert [row.phrase for row in kept] == ["det är en kärn"]


def test_a_language_without_a_row_has_it_all_the_same() -> None:
    assert not Language.objects.filter(code="sv").exists()
    snapshot.current()
    rules = snapshot.rules_for("sv")
    assert "det är en kärn" in rules.bag.ambiguous
    assert rules.version == snapshot.version()

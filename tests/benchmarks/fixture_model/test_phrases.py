import random

import pytest

from benchmarks.fixture_model.recipe.phrases import LANGUAGES, Language, sentence


@pytest.mark.parametrize("language", LANGUAGES)
def test_it_fills_every_slot(language: Language) -> None:
    rng = random.Random(1)
    said = [sentence(language, rng) for _ in range(2000)]
    assert not [text for text in said if set("{}|") & set(text)]
    assert all(text[0].isupper() for text in said)


def test_it_says_the_same_for_the_same_seed() -> None:
    assert sentence("en", random.Random(5)) == sentence("en", random.Random(5))

"""Languages by their names."""

from meetings import languages


def test_every_language_that_may_be_chosen_has_a_name() -> None:
    assert "zh" in languages.known
    assert [c for c in languages.known if languages.name_of(c) == c] == []

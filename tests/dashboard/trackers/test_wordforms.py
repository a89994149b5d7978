"""Related forms of words."""

import pytest

from dashboard.trackers.wordforms import forms


@pytest.mark.parametrize(
    ("language", "word", "related"),
    [
        ("en", "price", {"prices", "priced", "pricing"}),
        ("en", "pricing", {"price", "prices"}),
        ("en", "competitor", {"competitors"}),
        ("en", "company", {"companies"}),
        ("en", "companies", {"company"}),
        ("en", "plan", {"plans", "planned", "planning"}),
        ("en", "planning", {"plan"}),
        ("en", "match", {"matches", "matched"}),
        ("fr", "negocier", {"negocie", "negociez", "negociee", "negociait"}),
        ("fr", "prix", {"prix"}),
        ("fr", "commercial", {"commerciaux", "commerciale"}),
        ("fr", "concurrent", {"concurrents", "concurrente"}),
        ("de", "preis", {"preise", "preisen", "preises"}),
        ("de", "preise", {"preis"}),
        ("de", "kosten", {"kostet", "kostete", "gekostet"}),
        ("es", "precio", {"precios"}),
        ("es", "costar", {"costo", "costaba", "costado"}),
        ("es", "vez", {"vez"}),
        ("es", "competidor", {"competidores"}),
        ("es", "competidores", {"competidor"}),
    ],
)
def test_it_makes(language: str, word: str, related: set[str]) -> None:
    assert related <= forms(word, language)


@pytest.mark.parametrize(
    ("language", "word"),
    [("en", "to"), ("en", "c++"), ("en", "10"), ("ja", "価格"), ("", "price")],
)
def test_it_leaves(language: str, word: str) -> None:
    assert forms(word, language) == {word}


@pytest.mark.parametrize("word", ["string", "bring", "business", "status", "this"])
def test_it_takes_no_ending_off_that_is_none(word: str) -> None:
    made = forms(word, "en")
    assert {word[:-1], word[:-3], word[:-2]} & made == set()


@pytest.mark.parametrize("language", ["en", "fr", "de", "es"])
def test_it_makes_few(language: str) -> None:
    for word in ("price", "planning", "negocier", "kosten", "competidores", "sssssss"):
        assert len(forms(word, language)) <= 40

"""Where sentences end, and which of them ask."""

import pytest

from dashboard.stats.sentences import is_question, is_whole, split
from dashboard.stats.timeline import Sentence


@pytest.mark.parametrize(
    ("text", "pieces"),
    [
        ("Hello. How are you?", ["Hello.", "How are you?"]),
        ("It costs 4.50 a month", ["It costs 4.50 a month"]),
        ('He said "Really?" Then he left.', ['He said "Really?"', "Then he left."]),
        ("そうです。いくらですか。", ["そうです。", "いくらですか。"]),
        ("  ", []),
        ("", []),
        ("...", ["..."]),
    ],
)
def test_it_cuts_a_text_into_sentences(text: str, pieces: list[str]) -> None:
    assert [text[begin:end] for begin, end in split(text)] == pieces


def test_it_knows_an_open_end() -> None:
    assert is_whole("So that is it.")
    assert not is_whole("So. That is")


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("You are in the team?", "en"),
        ("how much does it cost", "en"),
        ("Could you send it to me.", "en"),
        ("Est-ce que vous avez le temps", "fr"),
        ("Combien de personnes sont là", "fr"),
        ("Haben Sie das gesehen", "de"),
        ("¿Cuánto cuesta al mes?", "es"),
        ("いくらですか。", "ja"),
        ("你们有多少人吗", "zh"),
        ("Vous êtes combien ?", "fr"),
    ],
)
def test_it_hears_a_question(text: str, language: str) -> None:
    assert is_question(Sentence(text, 0, 1, language))


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Right?", "en"),
        ("Is it?", "en"),
        ("When we met in May we spoke of it.", "en"),
        ("How nice to see you.", "en"),
        ("I can send you the offer.", "en"),
        ("Wenn Sie das haben, gut.", "de"),
        ("", "en"),
    ],
)
def test_it_hears_none(text: str, language: str) -> None:
    assert not is_question(Sentence(text, 0, 1, language))

import pytest

from transcription.speech.filters.draft import Draft, Evidence, Rules
from transcription.speech.filters.scripts import check, keep_scripts

EVIDENCE = Evidence(0.0, 3.0, ((0.0, 3.0),))


def left(text: str, *scripts: str) -> str:
    return keep_scripts(Draft(text), EVIDENCE, Rules("xx", scripts=scripts)).text


def test_a_foreign_word_goes() -> None:
    assert left("The price, это low.", "Latin") == "The price, low."


def test_a_mostly_foreign_line_goes_as_a_whole() -> None:
    assert left("Продолжение следует in part two", "Latin") == ""


def test_only_the_foreign_letters_go_where_there_are_no_spaces() -> None:
    assert (
        left("それではβ版の説明を始めます", "Kana", "Han")
        == "それでは版の説明を始めます"
    )
    assert (
        left("我们今天讨论α测试的结果，下周发布。", "Han")
        == "我们今天讨论测试的结果，下周发布。"
    )


def test_letters_of_scripts_that_nobody_can_choose_go_too() -> None:
    assert left("The price ཨོཾ is low.", "Latin") == "The price is low."


def test_names_in_latin_letters_stay_in_every_language() -> None:
    text = "Мы используем CRM и Salesforce каждый день."
    assert left(text, "Cyrillic") == text


@pytest.mark.parametrize(
    ("text", "scripts"),
    [
        ("50 % off, 12 € each – “fine”… №3", ("Latin",)),
        ("価格は高いですカタカナ", ("Kana", "Han")),
        ("가격이 너무 비쌉니다", ("Hangul", "Han")),
        ("Ça coûte œuvre naïf", ("Latin",)),
        ("It costs ฿500, Room ٣, ៛5", ("Latin",)),
        ("10 Ω and 5 μm", ("Latin",)),
    ],
)
def test_marks_digits_and_own_letters_stay(text: str, scripts: tuple[str, ...]) -> None:
    assert left(text, *scripts) == text


def test_without_allowed_scripts_every_letter_stays() -> None:
    assert left("Price это 高い") == "Price это 高い"


def test_invisible_and_broken_characters_go() -> None:
    assert left("a\u200bb\u202ec\ufffd\ue000d\x07e", "Latin") == "abcde"


def test_joiners_stay_where_the_script_needs_them() -> None:
    persian = "می\u200cخواهم"
    assert left(persian, "Arabic") == persian
    assert left("a\u200cb", "Latin") == "ab"


def test_decomposed_letters_are_composed() -> None:
    assert left("cafe\u0301", "Latin") == "café"


def test_a_script_nobody_knows_is_named() -> None:
    with pytest.raises(ValueError, match="Klingon"):
        check(["Latin", "Klingon"])


def test_the_ledger_names_the_allowed_scripts() -> None:
    cleaned = keep_scripts(
        Draft("Hello мир again"), EVIDENCE, Rules("en", scripts=("Latin",))
    )
    (removal,) = cleaned.removals
    assert (removal.raw, removal.reason) == ("мир", "script")
    assert removal.evidence["allowed"] == ["Latin"]

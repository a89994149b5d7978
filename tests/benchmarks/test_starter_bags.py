"""What of the inventions of models becomes a row of a starter bag."""

from benchmarks.starter_bags import Row, Text, rate


def texts(
    text: str, times: int, model: str = "base", language: str = "sv"
) -> list[Text]:
    return [Text(model, language, f"white, seed {n}", text) for n in range(times)]


def test_it_takes_what_was_written_for_several_sounds() -> None:
    heard = [
        *texts("Det är.", 3),
        *texts("Det är.", 1, "tiny"),
        *texts("Nej.", 2),
        *texts("Undertext av www.sub.se", 3),
        *texts("1 000 000", 9),
        *texts("hej på dig du " * 20, 9),
    ]
    new = [row for row in rate(heard)["sv"] if row.count in (3, 4)]
    assert new == [
        Row("ambiguous", "det är", 4, "base, tiny"),
        Row("certain", "undertext av www sub se", 3, "base"),
    ]


def test_it_keeps_the_tier_and_the_spelling_that_stand_there() -> None:
    rows = rate(texts("Thanks for watching!", 5, language="en"))["en"]
    assert Row("certain", "thanks for watching.", 5, "base") in rows

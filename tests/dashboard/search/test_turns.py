"""Lines become turns."""

from dashboard.search.turns import (
    LONGEST_TURN,
    SpokenLine,
    text_of,
    turns_of,
    word_places,
)

ANNA, BEN = 1, 2


def turns(*lines: SpokenLine) -> list[str]:
    return [text_of(turn) for turn in turns_of(lines)]


def test_it_joins_lines_with_a_short_pause_between() -> None:
    assert turns(
        SpokenLine(ANNA, 0, 1000, "One."),
        SpokenLine(ANNA, 2999, 4000, "Two."),
        SpokenLine(ANNA, 6000, 7000, "Three."),
    ) == ["One. Two.", "Three."]


def test_it_ends_a_turn_where_somebody_else_really_speaks() -> None:
    assert turns(
        SpokenLine(ANNA, 0, 1000, "What do you pay?"),
        SpokenLine(BEN, 1100, 1500, "We pay too much."),
        SpokenLine(ANNA, 1600, 2000, "I see."),
    ) == ["What do you pay?", "We pay too much.", "I see."]


def test_it_does_not_end_a_turn_at_a_word_of_assent() -> None:
    assert turns(
        SpokenLine(ANNA, 0, 1000, "Our problem is"),
        SpokenLine(BEN, 900, 1100, "Yes, right."),
        SpokenLine(ANNA, 1200, 2000, "that nobody updates it."),
    ) == ["Our problem is that nobody updates it.", "Yes, right."]


def test_it_bounds_a_turn_that_never_ends() -> None:
    lines = [
        SpokenLine(ANNA, n * 1000, n * 1000 + 900, "word " * 20) for n in range(1000)
    ]
    longest = max(len(text_of(turn)) for turn in turns_of(lines))
    assert longest < LONGEST_TURN + 200


def test_it_knows_when_each_word_was_said() -> None:
    turn = [
        SpokenLine(
            ANNA, 0, 900, "To be.", [["To", 0, 200, 0.9], ["be.", 250, 900, 0.9]]
        ),
        SpokenLine(ANNA, 1000, 1500, "Or not", []),
    ]
    assert word_places(turn) == [[0, 0], [0, 0], [3, 250], [7, 1000]]

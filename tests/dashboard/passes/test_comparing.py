"""What a new pass changed is set word by word, and no line of either side is lost."""

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dashboard.passes.comparing import MOST_WORDS, Pair, PassLine, Words, compare


def line(start: int, end: int, text: str, person: int = 1) -> PassLine:
    return PassLine(person, start, end, text)


def test_a_word_that_changed_is_marked_on_both_sides() -> None:
    [pair] = compare(
        [line(0, 2000, "God morning to you")], [line(100, 2100, "Good morning to you")]
    )
    assert pair.old == [Words("God", True), Words(" morning to you")]
    assert pair.new == [Words("Good", True), Words(" morning to you")]
    assert (pair.gone, pair.come, pair.same) == (1, 1, 3)


def test_no_mark_begins_with_a_space() -> None:
    [pair] = compare([line(0, 900, "If you signed")], [line(0, 900, "If you sign")])
    assert pair.new == [Words("If you"), Words(" "), Words("sign", True)]


def test_case_and_punctuation_do_not_count() -> None:
    [pair] = compare([line(0, 900, "well, yes")], [line(0, 900, "Well. Yes!")])
    assert not pair.is_changed


def test_lines_that_became_one_or_two_stand_together() -> None:
    one = compare(
        [line(0, 1000, "Good"), line(1100, 2000, "morning")],
        [line(0, 2000, "Good morning")],
    )
    assert [pair.is_changed for pair in one] == [False]
    two = compare(
        [line(0, 2000, "Good morning")],
        [line(0, 900, "Good"), line(950, 2000, "morning")],
    )
    assert [pair.is_changed for pair in two] == [False]


def test_what_only_one_pass_heard_stands_alone() -> None:
    before = [line(0, 1000, "Thank you"), line(5000, 6000, "Yes")]
    after = [line(5000, 6000, "Yes"), line(9000, 9500, "Bye", person=2)]
    gone, same, come = compare(before, after)
    assert (gone.gone, gone.new) == (2, [])
    assert not same.is_changed
    assert (come.come, come.old, come.first.person) == (1, [], 2)


def test_words_without_spaces_are_compared_by_letters() -> None:
    [pair] = compare([line(0, 900, "我喜欢茶")], [line(0, 900, "我喜欢花")])
    assert [words.text for words in pair.old if words.changed] == ["茶"]


def test_a_hostile_line_does_not_take_for_ever() -> None:
    long = " ".join(f"w{n % 7}" for n in range(20 * MOST_WORDS))
    [pair] = compare([line(0, 900, long)], [line(0, 900, f"x {long}")])
    assert pair.is_changed


patient = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])

LINES = st.lists(
    st.builds(
        lambda person, start, length, text: PassLine(
            person, start, start + length, text
        ),
        st.integers(1, 3),
        st.integers(0, 5000),
        st.integers(1, 3000),
        st.text("ab ", max_size=12),
    ),
    max_size=12,
)


@patient
@given(before=LINES, after=LINES)
def test_each_line_is_in_one_pair(
    before: list[PassLine], after: list[PassLine]
) -> None:
    pairs = compare(before, after)
    assert _all(pairs, "before") == sorted(map(repr, before))
    assert _all(pairs, "after") == sorted(map(repr, after))
    assert all(len({x.person for x in p.before + p.after}) == 1 for p in pairs)
    starts = [pair.first.start_ms for pair in pairs]
    assert starts == sorted(starts)


def _all(pairs: list[Pair], side: str) -> list[str]:
    return sorted(repr(line) for pair in pairs for line in getattr(pair, side))


@patient
@given(lines=LINES)
def test_a_pass_that_changed_nothing_shows_nothing(lines: list[PassLine]) -> None:
    apart = [
        PassLine(x.person, n * 10_000, n * 10_000 + 500, x.text)
        for n, x in enumerate(lines)
    ]
    assert not [pair for pair in compare(apart, apart) if pair.is_changed]

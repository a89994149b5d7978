"""Who has the floor, on timelines made by hand."""

from random import Random

from hypothesis import given
from hypothesis import strategies as st

from dashboard.stats.compute import figures
from dashboard.stats.timeline import Side, Speaker, TimedWord
from dashboard.stats.turns import FloorTurn
from tests.dashboard.stats.timelines import Said, call, heard, speaker

LONG = "so let me tell you how our process works today"


def spans(turns: tuple[FloorTurn, ...]) -> list[tuple[int, int, int]]:
    return [(turn.speaker.id, turn.start, turn.end) for turn in turns]


def test_a_short_pause_stays_inside_the_turn() -> None:
    anna = speaker(1, "us", (0, 3_000, LONG), (4_900, 6_000, LONG))
    assert spans(heard(anna).turns) == [(1, 0, 6_000)]


def test_a_long_pause_ends_the_turn() -> None:
    anna = speaker(1, "us", (0, 3_000, LONG), (5_000, 6_000, LONG))
    assert spans(heard(anna).turns) == [(1, 0, 3_000), (1, 5_000, 6_000)]


def test_a_turn_bridges_no_lost_sound() -> None:
    said = (0, 3_000, LONG), (4_000, 6_000, LONG)
    anna = speaker(1, "us", *said, gaps=[(3_200, 3_600)])
    assert spans(heard(anna).turns) == [(1, 0, 3_000), (1, 4_000, 6_000)]


def test_a_click_is_no_speech() -> None:
    anna = speaker(1, "us", (0, 249, "a"), (5_000, 6_000, LONG))
    assert spans(heard(anna).turns) == [(1, 5_000, 6_000)]


def test_a_keyboard_is_no_speech() -> None:
    anna = speaker(1, "us", (0, 1_000, ""), (5_000, 6_000, LONG))
    assert spans(heard(anna).turns) == [(1, 5_000, 6_000)]


def test_a_backchannel_breaks_no_turn() -> None:
    anna = speaker(1, "us", (0, 3_000, LONG), (3_200, 6_000, LONG))
    ben = speaker(2, "them", (2_800, 3_300, "mm-hm"))
    found = heard(anna, ben).turns
    assert spans(found) == [(1, 0, 6_000), (2, 2_800, 3_300)]
    assert [turn.is_backchannel for turn in found] == [False, True]


def test_yes_after_a_question_is_an_answer() -> None:
    anna = speaker(
        1, "us", (0, 3_000, "do you use the system every day?"), (3_600, 6_000, LONG)
    )
    ben = speaker(2, "them", (3_050, 3_500, "yes"))
    assert not any(turn.is_backchannel for turn in heard(anna, ben).turns)


def test_a_real_turn_of_somebody_else_splits_at_a_pause_only() -> None:
    anna = speaker(1, "us", (0, 3_000, LONG), (4_000, 9_000, LONG))
    ben = speaker(2, "them", (2_500, 3_900, "but that is not true"))
    found = heard(anna, ben).turns
    assert spans(found) == [(1, 0, 3_000), (2, 2_500, 3_900), (1, 4_000, 9_000)]
    assert [turn.is_continuation for turn in found] == [False, False, True]


def test_two_last_words_stay_with_the_turn_that_was_cut() -> None:
    anna = speaker(1, "us", (0, 3_000, LONG), (4_000, 4_500, "to you"))
    ben = speaker(2, "them", (2_500, 3_900, "but that is not true"))
    assert spans(heard(anna, ben).turns)[0] == (1, 0, 4_500)


def test_words_just_outside_the_voice_belong_to_the_nearest_turn() -> None:
    late = speaker(1, "us", (0, 3_000, LONG), (6_000, 9_000, LONG))
    early = Speaker(
        1, "Anna", "us", late.speech, [*late.words, *_shifted(late, 100)], ()
    )
    assert [len(turn.words) for turn in heard(early).turns] == [20, 20]


def _shifted(who: Speaker, ms: int) -> list[TimedWord]:
    return [TimedWord(w.text, w.start_ms + ms, w.end_ms + ms) for w in who.words]


Steps = list[tuple[int, int, int]]  # pause and length in ms, words

pieces = st.lists(
    st.tuples(st.integers(0, 3_000), st.integers(50, 6_000), st.integers(0, 8)),
    max_size=12,
)


def built(pk: int, side: Side, steps: Steps) -> Speaker:
    said: list[Said] = []
    at = 0
    for pause, length, words in steps:
        at += pause + 1
        said.append((at, at + length, " ".join(["word"] * words)))
        at += length
    return speaker(pk, side, *said)


@given(pieces, pieces, pieces, st.randoms(use_true_random=False))
def test_the_order_of_the_input_changes_nothing(
    a: Steps, b: Steps, c: Steps, random: Random
) -> None:
    people = [built(1, "us", a), built(2, "them", b), built(3, "us", c)]
    before = figures(call(*people, recorded_ms=200_000))
    random.shuffle(people)
    assert figures(call(*people, recorded_ms=200_000)) == before


@given(pieces, pieces)
def test_every_share_is_one(a: Steps, b: Steps) -> None:
    people = built(1, "us", a), built(2, "them", b)
    found = figures(call(*people, recorded_ms=200_000))
    for name in ("talk_ratio", "crosstalk", "silence"):
        assert 0 <= (found.call[name].value or 0) <= 100
    shares = [of["talk"].value for of in found.people.values()]
    assert not any(shares) or abs(sum(filter(None, shares)) - 100) < 1e-6


@given(pieces, pieces)
def test_every_word_is_in_one_turn(a: Steps, b: Steps) -> None:
    people = built(1, "us", a), built(2, "them", b)
    found = heard(*people, recorded_ms=200_000)
    for who in found.timeline.speakers:
        own = [turn for turn in found.turns if turn.speaker.id == who.id]
        assert sum(len(turn.words) for turn in own) == (len(who.words) if own else 0)
        assert sorted(span for turn in own for span in turn.spans) == list(who.speech)

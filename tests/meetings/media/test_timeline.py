"""Where sound lies on the clock of its file."""

from hypothesis import given
from hypothesis import strategies as st

from meetings.media.timeline import (
    HELD,
    LONGEST_GAP,
    Course,
    Placed,
    StampedSound,
    Timeline,
)


def placed(
    *stamps: float | None, seconds: float = 0.5, zero: float = 0.0
) -> list[float]:
    """Where pieces of so many seconds begin that carry these time stamps."""
    course = Course(zero)
    placed: list[Placed] = []
    for stamp in stamps:
        placed += course.take(StampedSound(stamp, seconds, None))
    placed += course.finish()
    return [round(one.at, 3) for one in placed]


def test_it_begins_where_the_first_sound_does() -> None:
    assert placed(7.0, 7.5) == [7.0, 7.5]


def test_it_counts_from_what_the_file_calls_its_beginning() -> None:
    assert placed(11.4, 11.9, zero=1.4) == [10.0, 10.5]


def test_it_keeps_a_gap() -> None:
    assert placed(0, 0.5, 9.0, 9.5) == [0, 0.5, 9.0, 9.5]


def test_it_takes_no_jitter_for_a_gap() -> None:
    assert placed(0, 0.58, 0.95, 1.5) == [0, 0.5, 1.0, 1.5]


def test_many_small_gaps_are_not_lost() -> None:
    """Sixty stamps, each 40 ms later than its sound would be."""
    assert placed(*(n * 0.54 for n in range(61)))[-1] > 60 * 0.54 - 0.1


def test_a_clock_that_jumps_back_is_no_gap() -> None:
    assert placed(0, 0.5, 1.0, 0, 0.5) == [0, 0.5, 1.0, 1.5, 2.0]


def test_a_gap_counts_after_the_clock_began_anew() -> None:
    assert placed(5.0, 5.5, 0, 3.0) == [5.0, 5.5, 6.0, 9.0]


def test_a_leap_into_another_day_is_no_gap() -> None:
    assert placed(0, 2**32 / 48_000, 2**32 / 48_000 + 0.5) == [0, 0.5, 1.0]


def test_sound_without_a_time_stamp_follows_directly() -> None:
    assert placed(2.0, None, None) == [2.0, 2.5, 3.0]


def test_a_lone_stamp_far_ahead_is_damage_and_no_gap() -> None:
    assert placed(0, 0.5, 7_200, 1.5, 2.0) == [0, 0.5, 1.0, 1.5, 2.0]


def test_two_damaged_ones_are_as_well() -> None:
    assert placed(0, 0.5, 7_200, 9_000, 2.0, 2.5) == [0, 0.5, 1.0, 1.5, 2.0, 2.5]
    assert placed(0, 0.5, 9_000, 7_200, 2.0, 2.5) == [0, 0.5, 1.0, 1.5, 2.0, 2.5]


def test_a_lone_stamp_far_back_is_no_clock_that_began_anew() -> None:
    assert placed(90, 90.5, 0, 91.5, 92.0, zero=90) == [0, 0.5, 1.0, 1.5, 2.0]


def test_a_whole_cluster_may_be_damaged() -> None:
    """Six seconds, hours away, and then the old clock again."""
    away = [7_200 + n / 2 for n in range(12)]
    back = [1.0 + 6 + n / 2 for n in range(12)]
    assert placed(0, 0.5, *away, *back) == [n / 2 for n in range(26)]


def test_what_goes_on_elsewhere_is_a_gap() -> None:
    on = [7_200 + n / 2 for n in range(40)]
    assert placed(0, 0.5, *on, 100) == [0, 0.5, *on, 7_220]


def test_the_first_stamp_may_be_the_damaged_one() -> None:
    assert placed(7_200, 0.5, 1.0) == [0, 0.5, 1.0]


def test_the_last_stamp_of_a_file_adds_no_hours() -> None:
    assert placed(0, 0.5, 7_200) == [0, 0.5, 1.0]
    assert placed(0, 0.5, 7.0) == [0, 0.5, 7.0]


def test_a_gap_beside_a_damaged_stamp_is_kept() -> None:
    assert placed(0, 0.5, 7_200, 9.0, 9.5, 10.0) == [0, 0.5, 1.0, 9.0, 9.5, 10.0]
    assert placed(0, 9.0, 9.5, 7_200, 10.5, 11) == [0, 9.0, 9.5, 10.0, 10.5, 11.0]


def test_pieces_far_apart_are_kept_apart() -> None:
    """Comfort noise, told of now and then."""
    assert placed(0, 6.0, 12.0, 18.0, 24.0) == [0, 6.0, 12.0, 18.0, 24.0]


@given(st.lists(st.none() | st.floats(-1e6, 1e6), max_size=40))
def test_few_pieces_are_held_and_all_come_out(stamps: list[float | None]) -> None:
    course, out = Course(), 0
    for number, stamp in enumerate(stamps, 1):
        out += len(list(course.take(StampedSound(stamp, 0.02, None))))
        assert number - out <= HELD
    assert out + len(list(course.finish())) == len(stamps)


@given(st.lists(st.none() | st.floats(-1e6, 1e6), max_size=40))
def test_sound_is_never_laid_over_sound(stamps: list[float | None]) -> None:
    timeline = Timeline()
    for stamp in stamps:
        place = timeline.place(stamp)
        assert 0 <= place - timeline.now <= LONGEST_GAP
        timeline.now = place + 0.02

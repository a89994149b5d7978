"""Where sound lies on the clock of its file."""

from hypothesis import given
from hypothesis import strategies as st

from meetings.media.timeline import LONGEST_GAP, Timeline


def placed(
    *stamps: float | None, seconds: float = 0.5, zero: float = 0.0
) -> list[float]:
    """Where pieces of so many seconds begin that carry these time stamps."""
    timeline, places = Timeline(zero), []
    for stamp in stamps:
        places.append(timeline.place(stamp))
        timeline.now = places[-1] + seconds
    return [round(place, 3) for place in places]


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


@given(st.lists(st.none() | st.floats(-1e6, 1e6), max_size=40))
def test_sound_is_never_laid_over_sound(stamps: list[float | None]) -> None:
    timeline = Timeline()
    for stamp in stamps:
        place = timeline.place(stamp)
        assert 0 <= place - timeline.now <= LONGEST_GAP
        timeline.now = place + 0.02

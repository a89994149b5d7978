import pytest
from hypothesis import given
from hypothesis import strategies as st

from meetings.media.ingress.playout import Playout
from meetings.media.packets import OPUS_FRAME, OPUS_RATE

SECOND = OPUS_RATE


def test_a_burst_is_played_in_real_time() -> None:
    playout = Playout(cushion=0.2)
    dues = [playout.place(n * OPUS_FRAME, OPUS_FRAME, 100.0)[0] for n in range(100)]
    assert dues[0] == pytest.approx(100.2)
    assert dues[99] == pytest.approx(100.2 + 99 * 0.02)


def test_missing_sound_stays_missing() -> None:
    playout = Playout(cushion=0)
    playout.place(0, OPUS_FRAME, 100.0)
    due, position = playout.place(6 * SECOND, OPUS_FRAME, 100.0)
    assert due == pytest.approx(106) and position == 6 * SECOND


def test_a_leap_of_the_clock_is_no_silence() -> None:
    playout = Playout(cushion=0)
    playout.place(0, OPUS_FRAME, 100.0)
    due, position = playout.place(3600 * SECOND, OPUS_FRAME, 100.02)
    assert due == pytest.approx(100.02) and position == OPUS_FRAME
    due, position = playout.place(5 * SECOND, OPUS_FRAME, 100.04)
    assert due == pytest.approx(100.04) and position == 2 * OPUS_FRAME


def test_sound_that_is_a_little_late_keeps_its_place() -> None:
    playout = Playout(cushion=0)
    playout.place(0, OPUS_FRAME, 100.0)
    assert playout.place(OPUS_FRAME, OPUS_FRAME, 101.0)[1] == OPUS_FRAME


def test_what_comes_after_a_stall_goes_on_from_now() -> None:
    playout = Playout(cushion=0.2)
    playout.place(0, OPUS_FRAME, 100.0)
    due, position = playout.place(OPUS_FRAME, OPUS_FRAME, 105.0)
    assert due == pytest.approx(105.2) and position == pytest.approx(5.2 * SECOND)
    due, _ = playout.place(2 * OPUS_FRAME, OPUS_FRAME, 105.0)
    assert due == pytest.approx(105.22), "the rest of the burst follows in real time"


def test_what_is_left_out_catches_up() -> None:
    playout = Playout(cushion=0)
    playout.place(0, OPUS_FRAME, 100.0)
    playout.place(OPUS_FRAME, OPUS_FRAME, 105.02)
    assert playout.behind == pytest.approx(5 * SECOND)
    playout.skip(2 * OPUS_FRAME, OPUS_FRAME)
    due, position = playout.place(3 * OPUS_FRAME, OPUS_FRAME, 105.02)
    assert due == pytest.approx(105.04) and position == pytest.approx(5.04 * SECOND)
    assert playout.behind == pytest.approx(5 * SECOND - OPUS_FRAME)


def test_another_stream_goes_on_where_the_last_one_ended() -> None:
    playout = Playout(cushion=0)
    playout.place(0, OPUS_FRAME, 100.0)
    playout.renew()
    assert playout.place(0, OPUS_FRAME, 100.01)[1] == OPUS_FRAME
    assert playout.place(OPUS_FRAME, OPUS_FRAME, 100.03)[1] == 2 * OPUS_FRAME


@given(
    st.lists(
        st.tuples(st.integers(0, 2**40), st.integers(120, 5760), st.floats(0, 100))
    )
)
def test_positions_never_overlap(frames: list[tuple[int, int, float]]) -> None:
    playout, ended, now = Playout(cushion=0.2), 0, 50.0
    for pts, samples, passed in frames:
        now += passed
        due, position = playout.place(pts, samples, now)
        assert position >= ended and due > now - 2
        ended = position + samples

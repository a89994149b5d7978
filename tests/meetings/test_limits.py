from hypothesis import given
from hypothesis import strategies as st

from meetings.limits import Bucket


def test_it_lets_a_burst_through_and_then_waits() -> None:
    bucket = Bucket(rate=2, burst=3)
    assert [bucket.take(10.0) for _ in range(4)] == [True, True, True, False]
    assert not bucket.take(10.4)
    assert bucket.take(10.6)


@given(st.lists(st.floats(0, 0.5), max_size=100))
def test_it_never_gives_more_than_burst_and_rate(waits: list[float]) -> None:
    bucket, now, given_out = Bucket(rate=5, burst=10), 0.0, 0
    for wait in waits:
        now += wait
        given_out += bucket.take(now)
    assert given_out <= 10 + 5 * now + 1e-6

from meetings.media.clock import RoomClock, TrackClock


def play(clock: TrackClock, seconds: float, pts: int, wall: float, rate: float) -> int:
    """Feed 20 ms frames of a sender whose clock runs at `rate`; the last position."""
    position = 0
    for n in range(round(seconds * 50)):
        sent = wall + n * 0.02 / rate
        position = clock.place(pts + n * 960, sent)
    return position


def test_it_counts_room_time_from_the_origin() -> None:
    clock = RoomClock(1000.0)
    assert [clock.at(wall) for wall in (999.0, 1000.0, 1001.25)] == [0, 0, 1250]


def test_it_starts_at_zero_wherever_the_sender_starts() -> None:
    clock = TrackClock(48_000)
    assert clock.place(123_456, 50.0) == 0
    assert clock.place(124_416, 50.02) == 960


def test_it_keeps_the_senders_time_through_jitter() -> None:
    clock = TrackClock(48_000)
    walls = [n * 0.02 + (0.08 if n % 3 else 0) for n in range(500)]
    positions = [clock.place(n * 960, wall) for n, wall in enumerate(walls)]
    assert positions == [n * 960 for n in range(500)]


def test_it_follows_a_sender_whose_clock_is_slow_or_fast() -> None:
    for rate in (0.999, 1.001):
        clock = TrackClock(48_000)
        last = play(clock, 600, 0, 100.0, rate)
        elapsed = clock.arrival(100.0 + 29_999 * 0.02 / rate)
        assert abs(last - elapsed) < 0.2 * 48_000


def test_it_places_a_late_burst_where_it_was_spoken() -> None:
    clock = TrackClock(48_000)
    play(clock, 5, 0, 100.0, 1)
    burst = [clock.place((250 + n) * 960, 106.0 + n * 0.0001) for n in range(50)]
    assert burst == [(250 + n) * 960 for n in range(50)]

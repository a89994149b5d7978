import itertools
import random

import pytest

from meetings.media.clock import Pauses, RoomClock, TrackClock


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


HALF_HOUR = 30 * 60 * 50  # packets


def apart(ppm: float, jitter: float = 0.0, pause: bool = False) -> list[float]:
    """How far a sender's sound, s, is from where it was spoken, packet by packet."""
    clock, chance, rate = TrackClock(48_000), random.Random(7), 1 + ppm / 1e6
    distances = []
    for n in range(HALF_HOUR):
        spoken = n * 0.02 / rate
        wall = spoken + (chance.random() ** 3 * jitter if n else 0.0)
        position = clock.place(n * 960, wall, pause and n % 500 < 50)
        distances.append(position / 48_000 - spoken)
    return distances


@pytest.mark.parametrize("pause", [True, False])
@pytest.mark.parametrize("ppm", [100, -100])
def test_half_an_hour_of_drift_is_less_than_40_ms(ppm: float, pause: bool) -> None:
    assert max(map(abs, apart(ppm, pause=pause))) < 0.04
    assert max(map(abs, apart(ppm, jitter=0.1, pause=pause))) < 0.04


def test_a_clock_that_is_right_is_left_alone() -> None:
    assert max(map(abs, apart(0, jitter=0.1))) < 1e-6


def test_a_fast_clock_is_followed_in_pauses() -> None:
    """A step back lays a packet over the one before: it must be nobody's word."""
    clock, before, steps = TrackClock(48_000), 0, []
    for n in range(HALF_HOUR):
        pause = n % 500 < 50
        position = clock.place(n * 960, n * 0.02 / 1.0001, pause)
        if n and position - before != 960:
            steps.append((position - before, pause))
        before = position
    assert set(steps) == {(0, True)} and 7 <= len(steps) <= 9


def test_what_comes_late_through_a_queue_for_a_while_takes_no_word_away() -> None:
    """A line that is full for five seconds and drains: 0.3 s more, and back."""
    clock, places = TrackClock(48_000), []
    for n in range(50 * 60):
        full = 0.3 if 20 <= n * 0.02 < 25 else 0.0
        places.append(clock.place(n * 960, n * 0.02 + full, pause=False))
    steps = [b - a for a, b in itertools.pairwise(places)]
    assert steps.count(0) <= 4  # by one packet in ten seconds at most
    assert min(steps) >= 0


def test_pauses_are_known_by_the_size_of_packets() -> None:
    pauses = Pauses()
    sizes = [80, 90, 85] * 20 + [12] * 20 + [80]
    heard = [pauses.hear(size) for size in sizes]
    assert heard == [False] * 65 + [True] * 15 + [False]
    assert not any(pauses.hear(100) for _ in range(5_000))


def test_a_late_start_is_taken_back_once() -> None:
    """Twelve steps in the first pause, and none more when the first span is over."""
    clock, places = TrackClock(48_000), []
    for n in range(20 * 50):
        late = max(0.0, 0.24 - n * 0.02)
        places.append(clock.place(n * 960, n * 0.02 + late, pause=n % 150 > 100))
    steps = [b - a for a, b in itertools.pairwise(places)]
    assert steps.count(0) == 12
    assert set(steps) == {0, 960}

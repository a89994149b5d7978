"""When the first packets of somebody were spoken, who wait while a browser connects."""

import random
from collections.abc import Callable
from pathlib import Path

import pytest

from meetings.media.egress.onset import Onset
from meetings.media.packets import EncodedFrame
from tests.meetings.media.test_recorder import ORIGIN, TONE, Deck

BEGAN = 5.0  # s on the room's clock when the first packet was spoken


def packet(n: int, at: float) -> EncodedFrame:
    return EncodedFrame("audio", "opus", TONE[n % 50], n * 960, 48_000, True, at)


def burst(late: float, jitter: float = 0.0) -> Callable[[int], float]:
    """When each packet arrives: those of the first `late` s with the last of them."""
    chance = random.Random(7)
    return lambda n: max(n * 0.02, late) + chance.random() ** 3 * jitter


def onset_of(arrival: Callable[[int], float]) -> tuple[Onset, float]:
    """As it is when it is over, and for how many s it held packets."""
    walls = [arrival(n) for n in range(100)]
    onset = Onset(packet(0, walls[0]))
    for n, wall in enumerate(walls[1:], 1):
        onset.hear(packet(n, wall))
        if onset.is_over(wall):
            return onset, wall - walls[0]
    raise AssertionError("it is never over")


@pytest.mark.parametrize("late", [0.3, 0.6])
@pytest.mark.parametrize("jitter", [0.0, 0.1])
def test_a_burst_stands_where_it_was_spoken(late: float, jitter: float) -> None:
    onset, held = onset_of(burst(late, jitter))
    assert abs(onset.spoken_at) < 0.04
    assert held < 0.25


def test_who_sends_regularly_is_held_for_a_tenth_of_a_second() -> None:
    onset, held = onset_of(lambda n: n * 0.02)
    assert onset.spoken_at == 0 and 0.1 <= held < 0.13


def test_a_count_that_leaps_is_no_burst() -> None:
    onset = Onset(packet(0, 10.0))
    onset.hear(packet(200, 10.02))
    assert onset.spoken_at == 10.0


def test_nothing_is_held_for_long() -> None:
    """Each packet waited less than the one before: a queue that drains."""
    _, held = onset_of(lambda n: n * 0.014)
    assert held < 0.53


async def test_a_recording_begins_when_it_was_spoken(tmp_path: Path) -> None:
    deck, arrival = Deck(tmp_path), burst(0.4)
    for n in range(100):
        deck.hear(n, BEGAN + arrival(n))
    (segment,) = await deck.finish()
    assert abs(segment.offset_ms - 1000 * BEGAN) <= 1
    assert (segment.sound_ms, segment.gaps) == (2000, ())
    assert deck.chunks[0].t == segment.offset_ms
    times = [chunk.t for chunk in deck.chunks]
    assert times == sorted(times)


async def test_it_never_begins_before_the_recording(tmp_path: Path) -> None:
    deck = Deck(tmp_path)
    for n in range(50):
        deck.hear(n, 0.1 + burst(0.4)(n))
    (segment,) = await deck.finish()
    assert segment.offset_ms == 100
    deck = Deck(tmp_path)
    for n in range(50):
        deck.hear(n, burst(0.4)(n) - 0.2)  # the room was opened meanwhile
    (segment,) = await deck.finish()
    assert (segment.offset_ms, segment.sound_ms) == (0, 1000)


async def test_one_packet_is_not_held_for_ever(tmp_path: Path) -> None:
    deck = Deck(tmp_path)
    deck.hear(0, BEGAN)
    deck.recorder.tick(ORIGIN + BEGAN + 0.05)
    assert not deck.told
    deck.recorder.tick(ORIGIN + BEGAN + 0.2)
    assert deck.told == ["began"]
    (segment,) = await deck.finish()
    assert segment.sound_ms == 20


async def test_what_is_held_at_the_end_is_kept(tmp_path: Path) -> None:
    deck = Deck(tmp_path)
    for n in range(3):
        deck.hear(n, BEGAN + n * 0.02)
    (segment,) = await deck.finish()
    assert (segment.offset_ms, segment.sound_ms) == (5000, 60)

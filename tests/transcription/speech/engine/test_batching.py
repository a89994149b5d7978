"""Which windows share a call, and how the pace follows the load."""

from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from transcription.speech.audio.features import TAIL
from transcription.speech.engine.batching import LARGEST, PERIODS, Costs, Pace, batch


@dataclass(frozen=True)
class Item:
    bucket: int
    previous: str = ""

    @property
    def frames(self) -> int:
        return self.bucket - TAIL


def test_it_takes_what_fits_into_the_budget() -> None:
    costs = Costs()
    for items, seconds in [(1, 0.02), (2, 0.035), (4, 0.08)]:
        costs.learn(400, items, seconds)
    chosen = batch([Item(400)] * 6, costs, 0.06)
    assert len(chosen) == 3  # 2 cost 35 ms, so 3 are taken for 52 ms, and 4 cost 80


def test_it_always_takes_the_first() -> None:
    costs = Costs()
    costs.learn(3000, 1, 5.0)
    assert batch([Item(3000), Item(3000)], costs, 0.06) == [Item(3000)]


def test_it_leaves_out_what_is_longer_or_far_shorter() -> None:
    items = [Item(400), Item(600), Item(200), Item(800), Item(400)]
    assert batch(items, Costs(), 0.06) == [Item(400), Item(200), Item(400)]


@given(st.lists(st.sampled_from([200, 400, 800, 3000]), min_size=1, max_size=60))
def test_it_keeps_the_order_and_the_limit(buckets: list[int]) -> None:
    items = [Item(size) for size in buckets]
    chosen = batch(items, Costs(), 0.06)
    assert chosen[0] is items[0]
    assert len(chosen) <= LARGEST
    places = [next(i for i, item in enumerate(items) if item is c) for c in chosen]
    assert places == sorted(places)


def test_it_learns_a_slow_call_faster_than_a_quick_one() -> None:
    costs = Costs()
    costs.learn(400, 1, 0.020)
    costs.learn(400, 1, 0.040)
    assert costs.estimate(400, 1) == pytest.approx(0.026)
    costs.learn(400, 1, 0.020)
    assert costs.estimate(400, 1) == pytest.approx(0.0254)


def test_a_call_that_was_slow_once_is_tried_again() -> None:
    """The first call of its size pays for allocation: it says little of the next."""
    costs = Costs()
    costs.learn(400, 1, 0.5)
    costs.learn(400, 2, 0.9)
    assert len(batch([Item(400)] * 4, costs, 0.06)) == 1
    for _ in range(100):
        costs.learn(400, 1, 0.014)
    assert len(batch([Item(400)] * 4, costs, 0.06)) == 4


def test_it_asks_for_partials_less_often_under_load_and_recovers() -> None:
    pace, now = Pace(), 0.0
    for _ in range(200):
        now += 0.05
        pace.note(0.048, now)
    assert pace.period == PERIODS[-1]
    for _ in range(200):
        now += 0.05
        pace.note(0.005, now)
    assert pace.period == PERIODS[0]


def test_it_holds_its_pace_between_the_two_thresholds() -> None:
    pace, now = Pace(level=1, load=0.6), 0.0
    for _ in range(200):
        now += 0.05
        pace.note(0.03, now)
    assert pace.level == 1


@pytest.mark.parametrize("work", [0.01, 0.03, 0.045, 0.065, 0.08, 0.12, 0.2, 0.9])
def test_it_finds_one_pace_for_people_who_talk_on(work: float) -> None:
    """``work`` seconds of the model for the partials of one period, whatever it is."""
    pace, now, levels = Pace(), 0.0, list[int]()
    for _ in range(1200):
        now += 0.05
        pace.note(min(work / pace.period, 1.0) * 0.05, now)
        levels.append(pace.level)
    assert len(set(levels[600:])) == 1


def test_it_says_how_many_windows_a_call_may_have() -> None:
    costs = Costs()
    assert costs.most(400, 0.06) == LARGEST  # nothing seen yet
    costs.learn(400, 1, 0.02)
    assert costs.most(400, 0.06) == 3
    assert costs.most(3000, 0.06) == 1  # one always goes

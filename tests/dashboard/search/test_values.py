"""Values of filters: stretches of a call, days, times."""

from datetime import date

import pytest

from dashboard.search.values import days, seconds, stretch

TODAY = date(2026, 3, 31)


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("2026-10-01", date(2026, 10, 1), date(2026, 10, 1)),
        ("2026-2", date(2026, 2, 1), date(2026, 2, 28)),
        ("today", TODAY, TODAY),
        ("yesterday", date(2026, 3, 30), date(2026, 3, 30)),
        ("30d", date(2026, 3, 1), date(2026, 3, 1)),
        ("2w", date(2026, 3, 17), date(2026, 3, 17)),
        ("1m", date(2026, 2, 28), date(2026, 2, 28)),
        ("6m", date(2025, 9, 30), date(2025, 9, 30)),
        ("2y", date(2024, 3, 31), date(2024, 3, 31)),
        ("999y", date(1926, 3, 31), date(1926, 3, 31)),
    ],
)
def test_it_reads_days(text: str, first: date, last: date) -> None:
    assert days(text, TODAY) == (first, last)


@pytest.mark.parametrize("text", ["", "soon", "2026", "2026-13-01", "0000-01-01", "d"])
def test_it_reads_no_days(text: str) -> None:
    assert days(text, TODAY) is None


def test_it_reads_times() -> None:
    texts = ("90s", "2m30s", "1h", "1:30", "2.5s", "", "5", "m")
    assert [seconds(t) for t in texts] == [90, 150, 3600, 90, 2.5, None, None, None]


@pytest.mark.parametrize(
    ("text", "inside"),
    [
        ("first10m", [0, 5]),
        ("last5m", [55, 59]),
        ("first20%", [0, 5, 10]),
        ("last10%", [55, 59]),
        ("10m..40m", [10, 30]),
        ("9:30..10:30", [10]),
    ],
)
def test_it_knows_what_begins_in_a_stretch(text: str, inside: list[int]) -> None:
    part, minute = stretch(text), 60_000
    assert part
    begins = [0, 5, 10, 30, 40, 55, 59]
    found = [at for at in begins if part.holds(at * minute, 60 * minute)]
    assert found == inside


@pytest.mark.parametrize("text", ["first0m", "last200%", "20m..10m", "1m..", "middle"])
def test_it_reads_no_stretch(text: str) -> None:
    assert stretch(text) is None


def test_it_sees_no_end_of_a_call_that_is_still_on() -> None:
    last = stretch("last5m")
    assert last and not last.holds(0, 0)

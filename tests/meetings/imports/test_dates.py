"""When a call was held, by its file's name."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from meetings.imports.dates import date_in, is_real

ZONE = timezone(timedelta(hours=2))
NOW = datetime(2026, 11, 27, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("name", "moment"),
    [
        ("GMT20240513-143000_Recording_1920x1080.mp4", "2024-05-13T14:30:00+00:00"),
        ("Acme 2024-05-13 14.30.05.m4a", "2024-05-13T14:30:05+02:00"),
        ("2024-05-13T14-30-05Z.wav", "2024-05-13T14:30:05+00:00"),
        ("Recording_20240513_143000.mp3", "2024-05-13T14:30:00+02:00"),
        ("Demo-20240513_143000-Meeting Recording.mp4", "2024-05-13T14:30:00+02:00"),
        ("Screen Recording 2024-05-13 at 14.30.05.mov", "2024-05-13T14:30:05+02:00"),
        ("13.05.2024 14h30 Globex.mp3", "2024-05-13T14:30:00+02:00"),
        ("Acme 2024-05-13.wav", "2024-05-13T12:00:00+02:00"),
        ("20240513.wav", "2024-05-13T12:00:00+02:00"),
        ("2024-05-13 and again 2024-05-13.wav", "2024-05-13T12:00:00+02:00"),
    ],
)
def test_it_reads_the_names_that_programs_give(name: str, moment: str) -> None:
    assert date_in(name, ZONE, NOW) == datetime.fromisoformat(moment)


@pytest.mark.parametrize(
    "name",
    [
        *("call.wav", "", "2024.wav", "2024-13-05.wav", "2024-02-31.wav"),
        *("2031-05-13.wav", "1970-01-01.wav", "05-13-2024.wav", "1202405130.wav"),
        "2024-05-13 and 2024-06-13.wav",
    ],
)
def test_it_guesses_no_date(name: str) -> None:
    assert date_in(name, ZONE, NOW) is None


@given(st.text(max_size=300))
def test_no_name_breaks_it(name: str) -> None:
    found = date_in(name, ZONE, NOW)
    assert found is None or is_real(found, NOW)

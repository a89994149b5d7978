"""Calls by month, and our share of the talk."""

from datetime import UTC, date, datetime

from dashboard.accounts.queries import calls_for
from dashboard.accounts.trend import line_of, trend_of
from dashboard.models import StoredFigure
from meetings.models import Meeting
from tests.cast import Cast


def held(cast: Cast, at: datetime, ratio: float | None, minutes: int = 10) -> None:
    meeting = Meeting.objects.create(
        owner=cast.meeting.owner,
        state=Meeting.State.ENDED,
        started_at=at,
        duration_ms=minutes * 60_000,
    )
    reason = "" if ratio is not None else "One voice"
    StoredFigure.objects.create(
        meeting=meeting, figure="talk_ratio", value=ratio, reason=reason, version=1
    )


def test_it_counts_by_month_and_leaves_short_calls_out_of_the_mean(cast: Cast) -> None:
    Meeting.objects.filter(pk=cast.meeting.pk).delete()
    held(cast, datetime(2026, 3, 31, 12, tzinfo=UTC), 40)
    held(cast, datetime(2026, 3, 1, 12, tzinfo=UTC), 60)
    held(cast, datetime(2026, 3, 2, 12, tzinfo=UTC), 100, minutes=2)
    held(cast, datetime(2026, 1, 5, 12, tzinfo=UTC), None)
    held(cast, datetime(2025, 3, 5, 12, tzinfo=UTC), 80)  # a year and more ago
    months = trend_of(calls_for(cast.meeting.owner), date(2026, 3, 15))
    assert [m.first for m in months][::11] == [date(2025, 4, 1), date(2026, 3, 1)]
    assert [m.calls for m in months] == [0] * 9 + [1, 0, 3]
    assert [m.talk_ratio for m in months[-3:]] == [None, None, 50]
    assert [m.tall for m in months[-3:]] == [40, 0, 120]
    assert line_of(months) == "460,60.0"


def test_an_account_without_calls_has_a_flat_trend(cast: Cast) -> None:
    months = trend_of(Meeting.objects.none())
    assert {(m.calls, m.tall, m.talk_ratio) for m in months} == {(0, 0, None)}
    assert line_of(months) == ""

"""Bars of a lane."""

from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.call.lanes import WIDTH, bars, path

if TYPE_CHECKING:
    from meetings.models import Meeting, Participant

HOUR = 3_600_000


def test_it_scales_to_the_width() -> None:
    assert bars([(0, HOUR // 2)], HOUR) == [(0, WIDTH // 2)]


def test_it_joins_what_touches_and_sorts() -> None:
    spans = [(HOUR // 2, HOUR // 2 + 3600), (0, 3600), (3600, 7200)]
    assert bars(spans, HOUR) == [(0, 2), (500, 501)]


def test_it_shows_even_a_short_word() -> None:
    assert bars([(1000, 1001)], HOUR) == [(0, 1)]


def test_it_draws_for_any_width_and_height() -> None:
    assert bars([(0, HOUR // 2)], HOUR, 160) == [(0, 80)]
    assert path([(10, 14)], top=2.5, height=1.5) == "M10 2.5h4v1.5h-4z"


def test_it_draws_boxes() -> None:
    assert path([(10, 14), (20, 21)]) == "M10 0h4v1h-4zM20 0h1v1h-1z"


SPANS = st.lists(
    st.tuples(st.integers(0, 10**9), st.integers(0, 10**6)).map(
        lambda span: (span[0], span[0] + span[1])
    ),
    max_size=200,
)


@given(SPANS, st.integers(0, 10**9))
def test_it_stays_inside_the_lane(
    spans: list[tuple[int, int]], duration_ms: int
) -> None:
    drawn = bars(spans, duration_ms)
    assert all(0 <= left < right <= WIDTH for left, right in drawn)
    assert all(a[1] < b[0] for a, b in zip(drawn, drawn[1:], strict=False))


@pytest.mark.django_db
def test_what_was_handed_in_is_no_gap_any_more(guest: "Participant") -> None:
    from dashboard.call.lanes import lanes_of
    from meetings.models import Track

    Track.objects.create(
        participant=guest,
        state=Track.State.CLOSED,
        file="a.ogg",
        duration_ms=60_000,
        gaps=[[6_000, 12_000], [30_000, 36_000]],
    )
    late = Track.objects.create(
        participant=guest,
        state=Track.State.CLOSED,
        file="b.ogg",
        offset_ms=5_990,
        duration_ms=5_950,
        handed_in=True,
    )
    assert _gaps_of(guest, lanes_of) == path([(500, 600)])
    late.delete()
    assert _gaps_of(guest, lanes_of) == path([(100, 200), (500, 600)])


def _gaps_of(guest: "Participant", lanes_of: Any) -> str:
    lanes = lanes_of(guest.meeting, 60_000, ())
    return str(next(lane.gaps for lane in lanes if lane.person.pk == guest.pk))


@pytest.mark.django_db
def test_a_share_is_the_figure_of_the_statistics(ended: "Meeting") -> None:
    """A page has one figure for one thing: a breath between words is talk in both."""
    from dashboard.call.lanes import lanes_of
    from dashboard.stats.compute import figures
    from dashboard.stats.gather import timeline_of
    from tests.dashboard.calls import add_person, say

    ann, ben = add_person(ended, "Ann", side="us"), add_person(ended, "Ben")
    say(ann, 0, "one two", voice=[[0, 1_000], [1_100, 2_000]])
    say(ben, 2_000, "three", voice=[[2_000, 3_000]])
    shares = {lane.person.pk: lane.share for lane in lanes_of(ended, 3_000, [])}
    told = figures(timeline_of(ended)).people
    for person, share in ((ann, 67), (ben, 33)):
        assert shares[person.pk] == share
        assert round(told[person.pk]["talk"].value or 0) == share

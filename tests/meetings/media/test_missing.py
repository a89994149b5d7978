from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from meetings.media.egress.missing import covered, missing, settled
from meetings.media.events import Segment
from meetings.media.spans import Span, joined, within, without

CALL = [(0, 100_000)]


def segment(offset_ms: int, duration_ms: int, *gaps: Span) -> Segment:
    about = Segment("s", "p", "microphone", "audio", "opus", "s.ogg", offset_ms)
    return replace(about, state="closed", duration_ms=duration_ms, gaps=gaps)


def opened(offset_ms: int) -> Segment:
    return replace(segment(offset_ms, 0), state="open")


def handed_in(offset_ms: int, duration_ms: int) -> Segment:
    return replace(segment(offset_ms, duration_ms), handed_in=True)


def test_nothing_is_missing_of_a_whole_call() -> None:
    assert missing(CALL, [segment(400, 99_500)]) == []


def test_it_finds_what_silence_stands_for() -> None:
    whole = segment(0, 100_000, (10_000, 12_000), (50_000, 50_090))
    assert missing(CALL, [whole]) == [(10_000, 12_000)]


def test_it_finds_an_interruption_with_the_silence_before_it() -> None:
    before, after = segment(0, 43_000, (30_000, 43_000)), opened(61_000)
    assert missing(CALL, [before, after]) == [(30_000, 61_000)]


def test_what_was_handed_in_is_not_missing_any_more() -> None:
    before, after = segment(0, 43_000, (30_000, 43_000)), opened(61_000)
    late = [handed_in(30_000, 20_000), handed_in(50_010, 10_980)]
    assert missing(CALL, [before, *late, after]) == []
    assert missing(CALL, [before, late[0], after]) == [(50_000, 61_000)]


def test_coming_and_going_take_time() -> None:
    assert missing(CALL, [segment(900, 98_500)]) == []
    late = segment(1_500, 90_000)
    assert missing(CALL, [late]) == [(0, 1_500), (91_500, 100_000)]


def test_all_is_missing_of_who_never_got_through() -> None:
    assert missing([(2_000, 2_900)], []) == [(2_000, 2_900)]


def test_a_file_that_is_left_open_ends_where_the_next_begins() -> None:
    """Its disk failed: how much it has shows when the call is over."""
    assert missing(CALL, [opened(0), opened(40_000)]) == []
    assert settled([opened(0), opened(40_000)], 50_000) == 0


def test_all_is_known_until_the_open_file_begins() -> None:
    assert settled([segment(0, 30_000), opened(61_000)], 70_000) == 61_000
    assert settled([segment(0, 30_000)], 70_000) == 70_000


spans = st.lists(
    st.tuples(st.integers(0, 60), st.integers(0, 60)).map(lambda s: (min(s), max(s))),
    max_size=6,
)


def moments(given: list[Span]) -> set[int]:
    return {ms for start, end in given for ms in range(start, end)}


@given(spans, spans)
def test_spans_are_sets_of_moments(some: list[Span], others: list[Span]) -> None:
    assert moments(joined(some)) == moments(some)
    assert moments(without(some, others)) == moments(some) - moments(others)
    assert moments(within(some, others)) == moments(some) & moments(others)


@given(spans)
def test_what_is_covered_lies_in_order_and_apart(some: list[Span]) -> None:
    found = covered([segment(a, b - a) for a, b in some])
    assert all(a[1] < b[0] for a, b in zip(found, found[1:], strict=False))

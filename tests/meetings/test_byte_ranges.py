"""Which bytes a Range header asks for."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from meetings.byte_ranges import OutsideFile, wanted


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("bytes=0-99", range(0, 100)),
        ("bytes=100-", range(100, 1000)),
        ("bytes=-10", range(990, 1000)),
        ("bytes=-5000", range(0, 1000)),
        ("bytes=990-5000", range(990, 1000)),
        ("bytes=0-0", range(0, 1)),
        ("", None),
        ("bytes=-", None),
        ("bytes=5-4", None),
        ("bytes=0-1,5-6", None),
        ("lines=0-1", None),
        ("bytes=a-b", None),
    ],
)
def test_it_reads_a_header(header: str, expected: range | None) -> None:
    assert wanted(header, 1000) == expected


@pytest.mark.parametrize("header", ["bytes=1000-", "bytes=4000-5000", "bytes=-0"])
def test_it_refuses_what_lies_outside_the_file(header: str) -> None:
    with pytest.raises(OutsideFile):
        wanted(header, 1000)


@given(st.text() | st.from_regex(r"bytes=\d*-\d*"), st.integers(0, 10**12))
def test_it_never_leaves_the_file(header: str, size: int) -> None:
    try:
        asked = wanted(header, size)
    except OutsideFile:
        return
    assert asked is None or 0 <= asked.start < asked.stop <= size

"""Samples of all kinds become clean floats; tapes keep and forget."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from transcription.speech.audio.sound import Samples, SlidingBuffer, to_float


@pytest.mark.parametrize(
    ("samples", "floats"),
    [
        (np.array([0, 16384, -32768], np.int16), [0, 0.5, -1]),
        (np.array([0.5, -0.25], np.float64), [0.5, -0.25]),
        (np.array([2**30], np.int32), [0.5]),
        (np.array([128, 0], np.uint8), [0, -1]),
        (np.array([np.nan, np.inf, -np.inf, 7.0], np.float32), [0, 1, -1, 1]),
        (np.array([], np.int16), []),
    ],
)
def test_it_makes_floats_of_any_number(samples: Samples, floats: list[float]) -> None:
    heard = to_float(samples)
    assert heard.dtype == np.float32
    assert heard.tolist() == floats


def test_it_refuses_stereo() -> None:
    with pytest.raises(ValueError, match="one dimension, these have 2"):
        to_float(np.zeros((2, 320), np.int16))


def test_it_refuses_what_is_no_number() -> None:
    with pytest.raises(TypeError, match="integers or floats"):
        to_float(np.array(["hello"]))


def test_it_leaves_the_callers_samples_alone() -> None:
    samples = np.array([np.nan, 3.0], np.float32)
    to_float(samples)
    assert np.isnan(samples[0]) and samples[1] == 3.0


@given(st.lists(st.tuples(st.integers(0, 9000), st.integers(0, 20_000)), max_size=20))
def test_it_keeps_positions_whatever_is_forgotten(moves: list[tuple[int, int]]) -> None:
    buffer, whole, asked = SlidingBuffer(), np.zeros(0, np.float32), 0
    for size, forget in moves:
        rows = np.arange(len(whole), len(whole) + size, dtype=np.float32)
        buffer.append(rows)
        whole = np.concatenate([whole, rows])
        buffer.forget(forget)
        asked = max(asked, min(forget, buffer.end))
        assert buffer.start <= asked
        kept = buffer[buffer.start : buffer.end]
        assert kept.tolist() == whole[buffer.start :].tolist()


def test_it_refuses_what_was_forgotten() -> None:
    buffer = SlidingBuffer()
    buffer.append(np.ones(10_000, np.float32))
    buffer.forget(9_000)
    with pytest.raises(IndexError, match="rows 0:5 are not in"):
        buffer[0:5]

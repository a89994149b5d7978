"""Two sides become one without losing what was said."""

from typing import Any

import numpy as np
import pytest

from meetings.media.mixdown import Mixdown
from tests.imported_files import tone

RATE = 16_000


def mixed(left: Any, right: Any) -> Any:
    """In pieces of 20 ms, as they come from a file."""
    mixdown, sides = Mixdown(RATE), np.stack([left, right])
    pieces = [sides[:, at : at + 320] for at in range(0, len(left), 320)]
    return np.concatenate([mixdown.mix(piece)[0] for piece in pieces])


def test_an_inverted_side_does_not_take_the_other_away() -> None:
    voice = tone(1)
    assert np.array_equal(mixed(voice, -voice), voice)


def test_of_opposite_sides_the_louder_one_is_taken() -> None:
    voice = tone(1)
    quiet = (-0.5 * voice).astype("<i2")
    assert np.array_equal(mixed(voice, quiet), voice)
    assert np.array_equal(mixed(quiet, voice), voice)


def test_an_inverted_side_with_its_own_noise_is_noticed() -> None:
    noise = np.random.default_rng(1).normal(0, 900, (2, RATE)).astype("<i2")
    voice = tone(1)
    assert np.abs(mixed(voice + noise[0], noise[1] - voice)).max() > 10_000


def test_different_people_on_the_sides_are_both_heard() -> None:
    left, right = tone(1, 440), tone(1, 880)
    expected = (left.astype(int) + right) / 2
    assert mixed(left, right) == pytest.approx(expected, abs=1)


def test_silence_stays_silence() -> None:
    assert not mixed(np.zeros(RATE, "<i2"), np.zeros(RATE, "<i2")).any()


def test_one_side_stays_as_it_is() -> None:
    voice = tone(1)[None, :]
    assert np.array_equal(Mixdown(RATE).mix(voice), voice)

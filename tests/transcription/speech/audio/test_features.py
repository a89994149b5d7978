"""Mels that are computed hop by hop equal those that are computed at once."""

import numpy as np
import pytest
from faster_whisper.feature_extractor import FeatureExtractor
from hypothesis import given, settings
from hypothesis import strategies as st

from transcription.speech.audio.features import HOP, LONGEST, MelBank, MelBuffer, bucket
from transcription.speech.audio.sound import Floats, SlidingBuffer

BANK = MelBank(80)
SPEECH = np.random.default_rng(7).normal(0, 0.1, 5 * 16_000).astype(np.float32)


def buffers_of(samples: Floats) -> tuple[SlidingBuffer, MelBuffer]:
    buffer = SlidingBuffer()
    buffer.append(samples)
    return buffer, MelBuffer(buffer)


def test_it_equals_the_features_of_faster_whisper() -> None:
    _, mels = buffers_of(SPEECH)
    ours, frames = mels.window(BANK, 0, len(SPEECH))
    padded = np.pad(SPEECH, (0, ours.shape[1] * HOP - len(SPEECH)))
    theirs = FeatureExtractor(80)(padded)[:, : ours.shape[1]]
    assert frames == 500
    # their first frames see the sound mirrored before its start, ours see silence
    np.testing.assert_allclose(ours[:, 2:], theirs[:, 2:], atol=2e-4)


@settings(deadline=None, max_examples=30)
@given(st.lists(st.integers(1, 9000), min_size=1, max_size=12))
def test_it_does_not_matter_in_which_pieces_the_sound_came(sizes: list[int]) -> None:
    buffer = SlidingBuffer()
    mels = MelBuffer(buffer)
    for size in sizes:
        buffer.append(SPEECH[buffer.end % 9000 :][:size])
        mels.window(BANK, 0, buffer.end)
    fresh, _ = MelBuffer(buffer).window(BANK, 0, buffer.end)
    grown, _ = mels.window(BANK, 0, buffer.end)
    np.testing.assert_allclose(grown, fresh, atol=1e-5)


def test_it_hears_silence_after_the_end_of_a_window() -> None:
    loud, mels = buffers_of(SPEECH)
    quiet, short = buffers_of(SPEECH[:16_000])
    cut, _ = mels.window(BANK, 0, 16_000)
    alone, _ = short.window(BANK, 0, 16_000)
    np.testing.assert_allclose(cut, alone, atol=1e-5)


def test_it_starts_a_window_in_the_middle() -> None:
    _, mels = buffers_of(SPEECH)
    mels.window(BANK, 0, 8000)
    late, frames = mels.window(BANK, 32_000, 48_000)
    fresh, _ = buffers_of(SPEECH)[1].window(BANK, 32_000, 48_000)
    assert (late.shape, frames) == ((80, 200), 100)
    np.testing.assert_allclose(late, fresh, atol=1e-5)


def test_it_follows_another_model_with_more_mels() -> None:
    _, mels = buffers_of(SPEECH)
    mels.window(BANK, 0, 16_000)
    wide, _ = mels.window(MelBank(128), 0, 16_000)
    assert wide.shape[0] == 128


@pytest.mark.parametrize(
    ("frames", "length"), [(1, 200), (150, 200), (151, 300), (2950, 3000)]
)
def test_it_takes_the_shortest_length_with_silence_at_the_end(
    frames: int, length: int
) -> None:
    assert bucket(frames) == length


@pytest.mark.parametrize("cut", [0, 1, 79, 80, 159])
def test_a_window_may_be_full_to_the_last_frame(cut: int) -> None:
    _, mels = buffers_of(SPEECH)
    full, _ = mels.window(BANK, 0, len(SPEECH) - cut, len(SPEECH) // HOP)
    wide, _ = mels.window(BANK, 0, len(SPEECH) - cut)
    np.testing.assert_array_equal(full, wide[:, : len(SPEECH) // HOP])


def test_it_refuses_a_window_that_is_too_long() -> None:
    with pytest.raises(ValueError, match="at most 2950 frames, this one 2951"):
        bucket(LONGEST + 1)

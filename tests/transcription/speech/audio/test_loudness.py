from typing import Any

import numpy as np
import pytest

from transcription.speech.audio.loudness import LoudnessTrack


def tone(seconds: float, amplitude: float) -> Any:
    at = np.arange(round(seconds * 16_000)) / 16_000
    return (32767 * amplitude * np.sin(2 * np.pi * 440 * at)).astype(np.int16)


@pytest.mark.parametrize("block", [320, 1_000, 16_000])
def test_it_tells_how_loud_it_was_when(block: int) -> None:
    track = LoudnessTrack()
    sound = np.concatenate([tone(2, 0.5), tone(2, 0.05)])
    for start in range(0, len(sound), block):
        track.hear(10 + start / 16_000, sound[start : start + block])
    assert track.over(10.2, 11.8) == pytest.approx(-9, abs=0.2)
    assert track.over(12.2, 13.8) == pytest.approx(-29, abs=0.2)


def test_pauses_between_words_count_for_nothing() -> None:
    track = LoudnessTrack()
    track.hear(0, np.concatenate([tone(0.5, 0.5), tone(0.4, 0), tone(0.5, 0.5)]))
    assert track.over(0, 1.4) == pytest.approx(-9, abs=0.5)


def test_it_knows_nothing_of_other_times() -> None:
    track = LoudnessTrack(kept=2)
    track.hear(0, tone(10, 0.5))
    assert track.over(0, 5) is None
    assert track.over(20, 21) is None
    assert track.over(9, 9.5) is not None

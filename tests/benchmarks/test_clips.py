import numpy as np

from benchmarks.call import FIXTURE_CALL, RATE
from benchmarks.clips import RATIO, Clip, around, call_clips, over
from transcription.speech.audio.noise import make
from transcription.speech.audio.sound import Floats

SPEECH = Clip(make("music", 2.0, seed=5), ("hello",))


def places(sound: Floats) -> list[int]:
    """Where the speech begins, untouched."""
    views = np.lib.stride_tricks.sliding_window_view(sound, 50)
    return np.flatnonzero((views == SPEECH.sound[:50]).all(axis=1)).tolist()


def decibels(loud: float, soft: float) -> float:
    return 10 * float(np.log10(loud / soft))


def test_it_puts_noise_before_and_after_the_speech() -> None:
    sound = around(SPEECH, "white", seed=7)

    (at,) = places(sound)
    assert RATE <= at <= 30 * RATE
    assert np.array_equal(sound[at : at + 2 * RATE], SPEECH.sound)
    speech = float(np.mean(SPEECH.sound**2))
    for noise in (sound[:at], sound[at + 2 * RATE :]):
        assert abs(decibels(speech, float(np.mean(noise**2))) - RATIO) < 0.01


def test_it_puts_noise_under_the_speech_too() -> None:
    beside, under = around(SPEECH, "hum", seed=7), over(SPEECH, "hum", seed=7)

    assert abs(len(beside) - len(under)) <= 2  # the same durations, rounded
    assert places(under) == []


def test_it_cuts_a_call_into_stretches_of_speech() -> None:
    clips = call_clips(FIXTURE_CALL)

    assert clips[0].words[0] == "hello"
    assert all(len(clip.sound) > 0.2 * RATE and clip.words for clip in clips)

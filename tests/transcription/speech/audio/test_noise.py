import numpy as np
import pytest

from transcription.speech.audio.noise import KINDS, LEVEL, make

LOUD = KINDS[1:]  # all but silence


@pytest.mark.parametrize("kind", KINDS)
def test_it_makes_sound_of_the_asked_length(kind: str) -> None:
    sound = make(kind, 1.5, seed=3)

    assert sound.dtype == np.float32
    assert sound.shape == (24_000,)
    assert np.abs(sound).max() <= 1.0


@pytest.mark.parametrize("kind", KINDS)
def test_it_makes_no_sound_in_no_time(kind: str) -> None:
    assert len(make(kind, 0, seed=3)) == 0


@pytest.mark.parametrize("kind", LOUD)
def test_it_makes_every_kind_about_equally_loud(kind: str) -> None:
    rms = float(np.sqrt(np.mean(make(kind, 5, seed=3) ** 2)))

    assert 0.7 * LEVEL < rms <= 1.01 * LEVEL


@pytest.mark.parametrize("kind", LOUD)
def test_it_makes_the_same_of_one_seed_and_another_of_another(kind: str) -> None:
    assert np.array_equal(make(kind, 1, seed=3), make(kind, 1, seed=3))
    assert not np.array_equal(make(kind, 1, seed=3), make(kind, 1, seed=4))


@pytest.mark.parametrize(("kind", "ratio"), [("pink", 10), ("brown", 100)])
def test_it_makes_noise_that_falls_with_the_pitch(kind: str, ratio: float) -> None:
    power = np.abs(np.fft.rfft(make(kind, 10, seed=3))) ** 2  # bins of 0.1 Hz

    low, high = power[900:1100].mean(), power[9000:11000].mean()

    assert ratio * 0.7 < low / high < ratio * 1.4


def test_it_refuses_what_it_cannot_make() -> None:
    with pytest.raises(ValueError, match="unknown noise 'speech'.*white"):
        make("speech", 1, seed=3)
    with pytest.raises(ValueError, match="not -1"):
        make("white", -1, seed=3)

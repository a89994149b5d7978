"""Speech probabilities with the real Silero file."""

import numpy as np

from tests.demo_call import Tracks
from transcription.speech.sound import to_float
from transcription.speech.vad import WINDOW, Vad


def test_it_hears_the_same_in_pieces_as_at_once(tracks: Tracks) -> None:
    sound = to_float(tracks["ben"][: 16_000 * 12])
    at_once = Vad().hear(sound)
    vad = Vad()
    pieces = [vad.hear(sound[at : at + 320]) for at in range(0, len(sound), 320)]
    np.testing.assert_allclose(np.concatenate(pieces), at_once, atol=1e-5)
    assert len(at_once) == len(sound) // WINDOW


def test_it_tells_speech_from_silence(tracks: Tracks) -> None:
    chances = Vad().hear(to_float(tracks["ben"][: 16_000 * 12]))
    spoken = chances[int(8.0 / 0.032) : int(9.9 / 0.032)]
    silent = chances[int(2.0 / 0.032) : int(7.0 / 0.032)]
    assert spoken.mean() > 0.7
    assert silent.max() < 0.2


def test_it_keeps_two_people_apart(tracks: Tracks) -> None:
    ben, anna = (to_float(tracks[name][: 16_000 * 9]) for name in ("ben", "anna"))
    alone = Vad().hear(ben)
    first, second, mixed = Vad(), Vad(), []
    for at in range(0, len(ben), 1600):
        mixed.append(first.hear(ben[at : at + 1600]))
        second.hear(anna[at : at + 1600])
    np.testing.assert_allclose(np.concatenate(mixed), alone, atol=1e-5)


def test_it_forgets_at_a_reset(tracks: Tracks) -> None:
    sound = to_float(tracks["ben"][: 16_000 * 9])
    vad = Vad()
    before = vad.hear(sound)
    vad.reset()
    np.testing.assert_array_equal(vad.hear(sound), before)


def test_it_takes_no_sound_at_all() -> None:
    assert len(Vad().hear(np.zeros(0, np.float32))) == 0

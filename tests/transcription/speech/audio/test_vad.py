"""Speech probabilities with the real Silero file."""

import numpy as np
import pytest

from tests.spoken_call import Tracks
from transcription.speech.audio.sound import Floats, to_float
from transcription.speech.audio.vad import HUSH, SILENT, WINDOW, Vad


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


@pytest.fixture
def judged(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many windows each call of the model judged."""
    counts: list[int] = []
    judge = Vad._judge

    def count(self: Vad, heard: Floats, first: int, last: int) -> Floats:
        counts.append(last - first)
        return judge(self, heard, first, last)

    monkeypatch.setattr(Vad, "_judge", count)
    return counts


def test_a_muted_microphone_costs_nothing(judged: list[int]) -> None:
    hiss = np.random.default_rng(1).uniform(-SILENT, SILENT, 16_000 * 60)
    chances = Vad().hear(0.99 * hiss.astype(np.float32))
    assert len(chances) == 60 * 16_000 // WINDOW
    assert chances.max() < 0.3
    assert sum(judged) == HUSH


def test_it_notices_a_word_after_a_long_silence_as_without(
    tracks: Tracks, judged: list[int]
) -> None:
    sound = to_float(tracks["ben"][16_000 * 8 : 16_000 * 10])
    alone = Vad().hear(sound)
    after = Vad().hear(np.concatenate([np.zeros(WINDOW * 100, np.float32), sound]))
    assert sum(judged) == 2 * len(alone) + HUSH
    # the model sees 4 ms before a window, which differ in the first one only
    np.testing.assert_allclose(after[101:], alone[1:], atol=0.05)


def test_what_is_softer_than_silence_is_no_speech_to_the_model(
    tracks: Tracks, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What SILENT stands on: no sound that Silero hears is left out."""
    monkeypatch.setattr("transcription.speech.audio.vad.HUSH", 10**9)
    for name in ("anna", "ben", "carol"):
        sound = to_float(tracks[name])
        soft = sound * (SILENT / np.abs(sound).max())
        assert Vad().hear(soft).max() < 0.3


def test_it_takes_no_sound_at_all() -> None:
    assert len(Vad().hear(np.zeros(0, np.float32))) == 0

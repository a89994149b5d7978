"""Voices that training makes up for espeak-ng."""

import random

from benchmarks.fixture_model.recipe.synth import HELD_OUT_VARIANTS, VARIANTS, throat


def test_a_throat_has_a_pitch_and_nine_formants() -> None:
    for seed in range(200):
        lines = throat(random.Random(seed)).splitlines()
        fields = [line.split() for line in lines]
        formants = [list(map(int, f[1:])) for f in fields if f[0] == "formant"]
        assert [formant[0] for formant in formants] == list(range(9))
        assert all(60 < frequency < 200 for _, frequency, _, _ in formants)
        ((low, high),) = (map(int, f[1:]) for f in fields if f[0] == "pitch")
        assert 70 <= low < high <= 400


def test_no_two_throats_are_equal_but_for_their_seed() -> None:
    first = {throat(random.Random(seed)) for seed in range(100)}
    assert len(first) == 100
    assert first == {throat(random.Random(seed)) for seed in range(100)}


def test_the_voices_that_are_kept_out_are_out() -> None:
    assert not set(HELD_OUT_VARIANTS) & set(VARIANTS)

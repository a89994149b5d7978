"""Short clips of known speech, clean and with noise around or over them."""

import random
from dataclasses import dataclass
from itertools import cycle
from pathlib import Path

import numpy as np

from benchmarks.call import RATE, read_call
from benchmarks.fixture_model.recipe.phrases import sentence
from benchmarks.rivals.display import ends
from benchmarks.speech import speak
from benchmarks.words import normalised
from transcription.speech.audio import noise
from transcription.speech.audio.sound import Floats, to_float

RATIO = 9.0  # dB of speech over noise, as published
LONGEST = 30.0  # s of noise before and after
MARGIN = 0.15  # s around a stretch of the call
VOICES = ("gmw/en-US+f2", "gmw/en+m3", "gmw/en-US+Annie", "gmw/en+Mike")


@dataclass(frozen=True)
class Clip:
    """Known speech, 16 kHz mono."""

    sound: Floats
    words: tuple[str, ...]


def call_clips(folder: Path) -> list[Clip]:
    """A call's stretches of speech without a pause, one person each."""
    clips = []
    for person in read_call(folder):
        first = 0
        for last in ends(person.words):
            words = person.words[first : last + 1]
            low, high = words[0].start - MARGIN, words[-1].end + MARGIN
            sound = person.samples[max(round(low * RATE), 0) : round(high * RATE)]
            clips.append(Clip(to_float(sound), tuple(w.text for w in words)))
            first = last + 1
    return clips


def spoken_clips(count: int, seed: int) -> list[Clip]:
    """Sentences of the fixture model's grammar in voices it was not trained on."""
    draw = random.Random(seed)
    clips = []
    for _, voice in zip(range(count), cycle(VOICES), strict=False):
        text = f"{sentence('en', draw)} {sentence('en', draw)}"
        sound, _ = speak(text, voice, draw.randint(140, 180), draw.randint(35, 65))
        clips.append(Clip(sound, tuple(normalised(text))))
    return clips


def around(clip: Clip, kind: str, seed: int) -> Floats:
    """The speech with noise before and after it."""
    draw = random.Random(seed)
    before, after = (
        _at_ratio(noise.make(kind, draw.uniform(1, LONGEST), 2 * seed + i), clip.sound)
        for i in range(2)
    )
    return np.concatenate([before, clip.sound, after])


def over(clip: Clip, kind: str, seed: int) -> Floats:
    """The same, and noise under the speech, too."""
    draw = random.Random(seed)
    before, after = draw.uniform(1, LONGEST), draw.uniform(1, LONGEST)
    first = round(before * RATE)
    seconds = before + len(clip.sound) / RATE + after
    sound = _at_ratio(noise.make(kind, seconds, seed), clip.sound)
    sound[first : first + len(clip.sound)] += clip.sound
    clipped: Floats = np.clip(sound, -1, 1)
    return clipped


def _at_ratio(made: Floats, speech: Floats) -> Floats:
    power = float(np.mean(speech**2)) / 10 ** (RATIO / 10)
    scale = np.sqrt(power / max(float(np.mean(made**2)), 1e-12))
    scaled: Floats = (made * scale).astype(np.float32)
    return scaled

"""The corpus as sounds, background noise, and Whisper's mel spectrogram."""

import random
from math import exp
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from faster_whisper.feature_extractor import FeatureExtractor
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional as F
from transformers.audio_utils import hertz_to_mel, mel_to_hertz

from benchmarks.fixture_model.recipe.phrases import LANGUAGES, Language
from benchmarks.fixture_model.recipe.synth import SAMPLE_RATE

Sound = NDArray[np.float32]
HOP = 160  # samples of a mel frame
_WINDOW = torch.hann_window(400)
_FILTERS = torch.from_numpy(FeatureExtractor(feature_size=80).mel_filters)
_NOISE_SECONDS = 60
TRACT = 0.16  # largest change of a vocal tract's length, in powers of e
TONE = 0.12  # of a microphone, standard deviation in units of the mel: 5 dB


class Spoken(NamedTuple):
    """A sentence of the corpus: where its samples lie and what they say."""

    corpus: int
    first: int
    last: int
    language: Language
    text: str


class Corpus:
    """Sentences that ``synth.py`` spoke, mapped from disk, by language."""

    def __init__(self, paths: list[Path]) -> None:
        self.sounds = [np.load(f"{path}.npy", mmap_mode="r") for path in paths]
        self.by_language: dict[Language, list[Spoken]] = {
            name: [] for name in LANGUAGES
        }
        for number, path in enumerate(paths):
            for line in Path(f"{path}.tsv").read_text().splitlines():
                first, last, code, text = line.split("\t")
                row = Spoken(number, int(first), int(last), _language(code), text)
                self.by_language[row.language].append(row)

    def sound(self, row: Spoken) -> Sound:
        samples = self.sounds[row.corpus][row.first : row.last]
        return np.asarray(samples, np.float32) / np.float32(32768)

    def draw(self, language: Language, rng: random.Random) -> tuple[Sound, str]:
        row = rng.choice(self.by_language[language])
        return self.sound(row), row.text


def _language(code: str) -> Language:
    return "fr" if code == "fr" else "en"


def at_speed(sound: Sound, speed: float) -> Sound:
    """Faster and higher, or slower and deeper: another voice for the price of one."""
    moments = np.arange(0, len(sound) - 1, speed)
    spoken = np.interp(moments, np.arange(len(sound)), sound)
    return np.asarray(spoken, np.float32)


class Noise:
    """A minute each of white and of pink noise, and hum, all at an RMS of 1."""

    def __init__(self, seed: int) -> None:
        size = _NOISE_SECONDS * SAMPLE_RATE
        white = np.random.default_rng(seed).standard_normal(size)
        spectrum = np.fft.rfft(white)
        spectrum /= np.sqrt(np.arange(len(spectrum)) + 20)
        pink = np.fft.irfft(spectrum, len(white))
        self.kept: list[Sound] = [
            (noise / noise.std()).astype(np.float32) for noise in (white, pink)
        ]

    def draw(self, size: int, rng: random.Random) -> Sound:
        kind = rng.randrange(3)
        if kind == 2:
            return self._hum(size, rng)
        start = rng.randrange(len(self.kept[kind]) - size)
        return self.kept[kind][start : start + size]

    def _hum(self, size: int, rng: random.Random) -> Sound:
        moments = np.arange(size, dtype=np.float32) / SAMPLE_RATE
        tone = np.sin(2 * np.pi * rng.choice([50, 60, 100, 120, 440]) * moments)
        hum = tone + 0.05 * self.kept[0][:size]
        return np.asarray(hum / hum.std(), np.float32)


def log_mel(sound: Sound) -> Tensor:
    """faster-whisper's features: (80, one frame per 160 samples)."""
    padded = torch.from_numpy(np.pad(sound, (0, HOP)))
    spectrum = torch.stft(padded, 400, HOP, window=_WINDOW, return_complex=True)
    power = torch.view_as_real(spectrum[:, :-1]).square().sum(-1)
    mel = (_FILTERS @ power).clamp_min(1e-10).log10()
    return (torch.maximum(mel, mel.max() - 8.0) + 4) / 4


def disguised(mel: Tensor, rng: random.Random) -> Tensor:
    """A mel (80, frames) as another throat and another microphone would make it.

    The length of the vocal tract scales all frequencies (Lee and Rose, "A frequency
    warping approach to speaker normalization", 1998).
    """
    bands = len(mel)
    step = hertz_to_mel(SAMPLE_RATE / 2, "slaney") / (bands + 1)
    centres = mel_to_hertz(step * np.arange(1, bands + 1), "slaney")
    moved = hertz_to_mel(centres * exp(rng.uniform(-TRACT, TRACT)), "slaney")
    place = torch.from_numpy(moved / step - 1).clamp(0, bands - 1).float()
    low = place.long().clamp(max=bands - 2)
    share = (place - low)[:, None]
    warped = mel[low] * (1 - share) + mel[low + 1] * share
    knots = torch.tensor([[[rng.gauss(0, TONE) for _ in range(6)]]])
    tone = F.interpolate(knots, bands, mode="linear", align_corners=True)[0, 0]
    silent = mel.sum(0) == 0  # padding stays what it is
    return torch.where(silent, mel, warped + tone[:, None])

"""Sound without speech, made from a seed: what a Whisper invents text for.

Used where a site's own bag of phrases is grown and where the filters are measured.
"""

from collections.abc import Callable, Iterator
from zlib import crc32

import numpy as np
from numpy.random import Generator

from transcription.speech.audio.sound import SAMPLE_RATE, Floats

LEVEL = 0.05  # RMS of what is made, full scale 1: as loud as speech at -26 dBFS
_PEAK = 0.9  # which clicks would exceed at that level
_LOWEST = 20.0  # Hz: below it pink and brown noise only push the speaker's cone
_SCALE = 2.0 ** (np.array([0, 2, 4, 7, 9, 12, 14, 16]) / 12)  # pentatonic, above a root
_FORMANTS = ((270, 850), (400, 2000), (650, 1100), (730, 1700))  # Hz: u, e, o, a


def make(kind: str, seconds: float, seed: int) -> Floats:
    """Noise of one of KINDS, 16 kHz mono, LEVEL loud; equal for equal arguments.

    Raises ValueError for an unknown kind or a negative duration.
    """
    if kind not in KINDS:
        raise ValueError(f"unknown noise {kind!r}; there are: {', '.join(KINDS)}")
    if seconds < 0:
        raise ValueError(f"noise lasts 0 s or more, not {seconds} s")
    # seeded by name, so that a further kind changes none of the others
    random = np.random.default_rng([seed, crc32(kind.encode())])
    samples = round(seconds * SAMPLE_RATE)
    return _levelled(_MAKERS[kind](samples, random)) if samples else _silence(0, random)


def _levelled(sound: Floats) -> Floats:
    rms = float(np.sqrt(np.mean(sound**2)))
    loud: Floats = np.clip(sound * (LEVEL / rms if rms else 1.0), -_PEAK, _PEAK)
    return loud.astype(np.float32)


def _silence(samples: int, random: Generator) -> Floats:
    return np.zeros(samples, np.float32)


def _coloured(slope: float) -> Callable[[int, Generator], Floats]:
    """Noise whose power falls with ``1 / f ** slope``."""

    def noise(samples: int, random: Generator) -> Floats:
        spectrum = np.fft.rfft(random.standard_normal(samples))
        pitches = np.fft.rfftfreq(samples, 1 / SAMPLE_RATE)
        shaped = spectrum / np.maximum(pitches, _LOWEST) ** (slope / 2)
        shaped[pitches < _LOWEST] = 0
        return np.fft.irfft(shaped, samples).astype(np.float32)

    return noise


def _hum(samples: int, random: Generator) -> Floats:
    """The mains, 50 or 60 Hz, with the overtones of a bad cable."""
    mains = random.choice([50.0, 60.0])
    clock = np.arange(samples) / SAMPLE_RATE
    sound = np.zeros(samples)
    for overtone in range(1, 11):
        phase = random.uniform(0, 2 * np.pi)
        strength = random.uniform(0.3, 1.0) / overtone
        sound += strength * np.sin(2 * np.pi * mains * overtone * clock + phase)
    return sound.astype(np.float32)


def _beeps(samples: int, random: Generator) -> Floats:
    """One pitch, on and off, as of a device or a telephone."""
    pitch, length = random.uniform(400, 2000), random.uniform(0.1, 0.5)
    sound = np.zeros(samples, np.float32)
    for at in _moments(samples, 2 * length, 2 * length):
        _add(sound, at, _tone(pitch, length))
    return sound


def _clicks(samples: int, random: Generator) -> Floats:
    """Keys and a mouse: short bursts, a few a second."""
    sound = np.zeros(samples, np.float32)
    for at in _moments(samples, 0.05, 0.6, random):
        _add(sound, at, _burst(random, 0.015) * random.uniform(0.2, 1.0))
    return sound


def _rain(samples: int, random: Generator) -> Floats:
    """A hiss of far drops and the patter of near ones."""
    sound = random.standard_normal(samples).astype(np.float32) * 0.1
    for at in _moments(samples, 0.002, 0.04, random):
        _add(sound, at, _burst(random, 0.004) * random.uniform(0.1, 1.0))
    return sound


def _babble(samples: int, random: Generator) -> Floats:
    """Six people in the next room: voices without words."""
    sound = np.zeros(samples, np.float32)
    for _ in range(6):
        voice, loud = random.uniform(90, 240), random.uniform(0.3, 1.0)
        for at in _moments(samples, 0.12, 0.35, random):
            _add(sound, at, _vowel(voice, random) * loud)
    return sound


def _music(samples: int, random: Generator) -> Floats:
    """Tones of a scale that ring and fade, as music on hold."""
    beat, root = random.uniform(0.2, 0.5), random.uniform(110, 260)
    sound = np.zeros(samples, np.float32)
    for at in _moments(samples, beat, beat):
        for pitch in root * random.choice(_SCALE, random.integers(1, 4)):
            _add(sound, at, _string(float(pitch), 3 * beat))
    return sound


def _moments(
    samples: int, least: float, most: float, random: Generator | None = None
) -> Iterator[int]:
    """Sample positions that are ``least`` to ``most`` seconds apart."""
    at = 0.0
    while round(at * SAMPLE_RATE) < samples:
        yield round(at * SAMPLE_RATE)
        at += random.uniform(least, most) if random else least


def _add(sound: Floats, at: int, piece: Floats) -> None:
    """Mix a piece in, as far as it fits."""
    stretch = sound[at : at + len(piece)]
    stretch += piece[: len(stretch)]


def _tone(pitch: float, seconds: float) -> Floats:
    clock = np.arange(round(seconds * SAMPLE_RATE)) / SAMPLE_RATE
    edge = np.clip(np.minimum(clock, seconds - clock) / 0.005, 0, 1)  # no click: 5 ms
    return (np.sin(2 * np.pi * pitch * clock) * edge).astype(np.float32)


def _burst(random: Generator, seconds: float) -> Floats:
    """White noise that dies away."""
    count = round(seconds * SAMPLE_RATE)
    fade = np.exp(-5 * np.arange(count) / count)
    return (random.standard_normal(count) * fade).astype(np.float32)


def _string(pitch: float, seconds: float) -> Floats:
    """A plucked tone with its overtones."""
    clock = np.arange(round(seconds * SAMPLE_RATE)) / SAMPLE_RATE
    tones = (np.sin(2 * np.pi * pitch * n * clock) / n**2 for n in range(1, 5))
    onset = np.clip(clock / 0.005, 0, 1)
    return (sum(tones) * onset * np.exp(-5 * clock / seconds)).astype(np.float32)


def _vowel(voice: float, random: Generator) -> Floats:
    """A quarter of a second of voice with the formants of no word in particular."""
    count = SAMPLE_RATE // 4
    pitch = voice * random.uniform(0.85, 1.15) * np.linspace(1, 0.95, count)
    pulses = 2 * (np.cumsum(pitch) / SAMPLE_RATE % 1) - 1
    pitches = np.fft.rfftfreq(count, 1 / SAMPLE_RATE)
    throat = np.zeros(len(pitches))
    for formant in _FORMANTS[random.integers(len(_FORMANTS))]:
        throat += 1 / (1 + ((pitches - formant) / 80) ** 2)
    shaped = np.fft.irfft(np.fft.rfft(pulses) * throat, count)
    return (shaped * np.hanning(count)).astype(np.float32)


_MAKERS: dict[str, Callable[[int, Generator], Floats]] = {
    "silence": _silence,
    "white": _coloured(0),
    "pink": _coloured(1),
    "brown": _coloured(2),
    "hum": _hum,
    "beeps": _beeps,
    "clicks": _clicks,
    "rain": _rain,
    "babble": _babble,
    "music": _music,
}
KINDS = tuple(_MAKERS)

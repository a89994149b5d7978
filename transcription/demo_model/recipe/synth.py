"""Speaks sentences of the grammar with espeak-ng and flite: the training corpus.

    python -m transcription.demo_model.recipe.synth CORPUS COUNT [--seed N] [--held-out]

writes ``CORPUS.npy`` (int16, 16 kHz, all sentences in a row) and ``CORPUS.tsv``
(first sample, last sample, language, text). Needs Debian's espeak-ng and flite.
"""

import argparse
import random
import subprocess

import numpy as np
from numpy.typing import NDArray

from transcription.demo_model.recipe.phrases import Language, sentence

SAMPLE_RATE = 16_000
FRENCH_SHARE = 0.22
FLITE_SHARE = 0.3  # of the English sentences
LONGEST = 9.5  # seconds
ENGLISH_VOICES = [
    *("en-us", "en-gb", "en-gb-x-rp", "en-gb-scotland"),
    *("en-gb-x-gbclan", "en-gb-x-gbcwmd", "en-029", "en-us-nyc"),
]
FRENCH_VOICES = ["fr-fr", "fr-be", "fr-ch"]
FLITE_VOICES = ["awb", "rms", "slt", "kal16"]
VARIANTS = """
    m1 m2 m4 m5 m6 m7 m8 f1 f3 f4 f5 Alex Andrea Andy Denis Diogo Gene Gene2 Henrique
    Hugo Jacky Lee Marco Mario Michael Nguyen Tweaky anika announcer antonio aunty
    belinda benjamin boris caleb david ed edward edward2 gustave iven iven2 iven3 john
    kaukovalta klatt klatt2 klatt3 klatt4 linda marcelo max michel miguel norbert pablo
    paul pedro quincy rob robert sandro shelby steph steph2 steph3 travis victor zac
""".split()
# never trained on; the last two were also kept out of every choice between trainings
HELD_OUT_VARIANTS = ["m3", "f2", "Annie", "Mike", "Alicia", "adam"]
_HEADER = 44  # bytes of a WAV header; its length field is wrong in a pipe
_FLOOR = 0.01  # full scale is 1: what is softer counts as silence
_MARGIN = SAMPLE_RATE // 50

Sound = NDArray[np.float32]


def resample(sound: Sound, rate: int) -> Sound:
    """The same sound at 16 kHz, by cutting its spectrum at 8 kHz."""
    block = rate // np.gcd(rate, SAMPLE_RATE)
    padded = np.pad(sound, (0, -len(sound) % block))
    size = len(padded) * SAMPLE_RATE // rate
    spectrum = np.fft.rfft(padded)[: size // 2 + 1]
    resampled = np.fft.irfft(spectrum, size) * (size / len(padded))
    return resampled[: -(-len(sound) * SAMPLE_RATE // rate)].astype(np.float32)


def _read(wav: bytes) -> Sound:
    rate = int.from_bytes(wav[24:28], "little")
    pcm = np.frombuffer(wav, "<i2", (len(wav) - _HEADER) // 2, _HEADER)
    sound = resample((pcm / 32768).astype(np.float32), rate)
    heard = np.flatnonzero(np.abs(sound) > _FLOOR)
    if not len(heard):
        return sound[:0]
    sound = sound[max(0, heard[0] - _MARGIN) : heard[-1] + _MARGIN]
    return np.asarray(0.7 * sound / np.abs(sound).max(), np.float32)


def _espeak(text: str, language: Language, rng: random.Random, held_out: bool) -> bytes:
    voices = ENGLISH_VOICES if language == "en" else FRENCH_VOICES
    variants = HELD_OUT_VARIANTS if held_out else VARIANTS
    voice = f"{rng.choice(voices)}+{rng.choice(variants)}"
    speed, pitch = str(rng.randint(130, 195)), str(rng.randint(25, 75))
    command = ["espeak-ng", "-v", voice, "-s", speed, "-p", pitch, "--stdout", text]
    return subprocess.run(command, capture_output=True, check=True).stdout


def _flite(text: str, rng: random.Random) -> bytes:
    stretch = f"duration_stretch={rng.uniform(0.85, 1.2):.2f}"
    voice = rng.choice(FLITE_VOICES)
    command = ["flite", "-voice", voice, "--setf", stretch, "-t", text]
    command += ["-o", "/dev/stdout"]
    return subprocess.run(command, capture_output=True, check=True).stdout


def speak(text: str, language: Language, rng: random.Random, held_out: bool) -> Sound:
    """The sentence in a voice drawn at random, trimmed, its peak at 0.7."""
    if language == "en" and not held_out and rng.random() < FLITE_SHARE:
        return _read(_flite(text, rng))
    return _read(_espeak(text, language, rng, held_out))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("corpus")
    parser.add_argument("count", type=int)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--held-out", action="store_true")
    options = parser.parse_args()
    rng, sounds, rows, at = random.Random(options.seed), [], list[str](), 0
    while len(rows) < options.count:
        language: Language = "fr" if rng.random() < FRENCH_SHARE else "en"
        text = sentence(language, rng)
        sound = speak(text, language, rng, options.held_out)
        if not 0.15 < len(sound) / SAMPLE_RATE < LONGEST:
            continue
        sounds.append((sound * 32767).astype(np.int16))
        rows.append(f"{at}\t{at + len(sound)}\t{language}\t{text}\n")
        at += len(sound)
    np.save(f"{options.corpus}.npy", np.concatenate(sounds))
    with open(f"{options.corpus}.tsv", "w", encoding="utf-8") as table:
        table.writelines(rows)
    print(f"{len(rows)} sentences, {at / SAMPLE_RATE / 3600:.2f} h")


if __name__ == "__main__":
    main()

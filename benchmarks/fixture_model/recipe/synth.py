"""Speaks sentences of the grammar with espeak-ng and flite: the training corpus.

    python -m benchmarks.fixture_model.recipe.synth CORPUS COUNT [--seed N] [--held-out]

writes ``CORPUS.npy`` (int16, 16 kHz, all sentences in a row) and ``CORPUS.tsv``
(first sample, last sample, language, text). Needs Debian's espeak-ng and flite.
"""

import argparse
import random
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from math import exp
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks.fixture_model.recipe.phrases import Language, sentence

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
THROAT_SHARE = 0.6  # of the sentences that espeak-ng speaks
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


def throat(rng: random.Random) -> str:
    """A variant of espeak-ng's voices, drawn at random.

    The formants, each with a frequency, a height and a width in per cent, follow one
    length of the vocal tract and differ a little each. Then pitch (Hz) and the rest.
    """
    tract, low = exp(rng.uniform(-0.12, 0.32)), rng.uniform(75, 220)
    lines = ["language variant", "name throat"]
    lines += [f"pitch {low:.0f} {low * rng.uniform(1.2, 1.8):.0f}"]
    for formant in range(9):
        frequency = 100 * tract * exp(rng.gauss(0, 0.07))
        height, width = (100 * exp(rng.gauss(0, spread)) for spread in (0.25, 0.2))
        lines.append(f"formant {formant} {frequency:.0f} {height:.0f} {width:.0f}")
    now_and_then = {
        f"voicing {rng.randint(35, 150)}": 0.4,
        f"consonants {rng.randint(60, 140)} {rng.randint(20, 130)}": 0.4,
        f"roughness {rng.randint(1, 4)}": 0.3,
        f"flutter {rng.randint(1, 8)}": 0.3,
        f"echo {rng.randint(20, 140)} {rng.randint(10, 50)}": 0.2,
        f"intonation {rng.randint(2, 4)}": 0.4,
        f"klatt {rng.randint(1, 6)}": 0.08,
        "breath " + " ".join(str(rng.randint(0, 6)) for _ in range(8)): 0.15,
    }
    lines += [line for line, share in now_and_then.items() if rng.random() < share]
    return "\n".join(lines) + "\n"


class Throats:
    """A folder of espeak-ng's voices with one variant more, drawn anew each time."""

    def __init__(self, folder: Path, rng: random.Random) -> None:
        told = subprocess.run(
            ["espeak-ng", "--version"], capture_output=True, check=True, text=True
        )
        data = Path(told.stdout.split("Data at:")[1].strip())
        voices = shutil.copytree(data, folder / data.name) / "voices" / "!v"
        self.folder, self.rng, self.path = folder, rng, voices / "throat"

    def draw(self) -> str:
        self.path.write_text(throat(self.rng))
        return self.path.name


def _espeak(
    text: str, language: Language, rng: random.Random, throats: Throats | None
) -> bytes:
    voices = ENGLISH_VOICES if language == "en" else FRENCH_VOICES
    command = ["espeak-ng", "--stdout"]
    if throats is None:
        variant = rng.choice(HELD_OUT_VARIANTS)
    else:
        made_up = rng.random() < THROAT_SHARE
        variant = throats.draw() if made_up else rng.choice(VARIANTS)
        command += [f"--path={throats.folder}"]
    command += ["-v", f"{rng.choice(voices)}+{variant}"]
    command += ["-s", str(rng.randint(130, 195)), "-p", str(rng.randint(25, 75)), text]
    return subprocess.run(command, capture_output=True, check=True).stdout


def _flite(text: str, rng: random.Random) -> bytes:
    stretch = f"duration_stretch={rng.uniform(0.85, 1.2):.2f}"
    voice = rng.choice(FLITE_VOICES)
    command = ["flite", "-voice", voice, "--setf", stretch, "-t", text]
    command += ["-o", "/dev/stdout"]
    return subprocess.run(command, capture_output=True, check=True).stdout


def speak(
    text: str, language: Language, rng: random.Random, throats: Throats | None
) -> Sound:
    """The sentence in a voice drawn at random, trimmed, its peak at 0.7.

    Without throats in a voice that is kept out of training.
    """
    if language == "en" and throats and rng.random() < FLITE_SHARE:
        return _read(_flite(text, rng))
    return _read(_espeak(text, language, rng, throats))


def _spoken(
    count: int, rng: random.Random, throats: Throats | None
) -> Iterator[tuple[Language, str, Sound]]:
    done = 0
    while done < count:
        language: Language = "fr" if rng.random() < FRENCH_SHARE else "en"
        text = sentence(language, rng)
        sound = speak(text, language, rng, throats)
        if 0.15 < len(sound) / SAMPLE_RATE < LONGEST:
            done += 1
            yield language, text, sound


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("corpus")
    parser.add_argument("count", type=int)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--held-out", action="store_true")
    options = parser.parse_args()
    rng, sounds, rows, at = random.Random(options.seed), [], list[str](), 0
    with tempfile.TemporaryDirectory() as folder:
        throats = None if options.held_out else Throats(Path(folder), rng)
        for language, text, sound in _spoken(options.count, rng, throats):
            sounds.append((sound * 32767).astype(np.int16))
            rows.append(f"{at}\t{at + len(sound)}\t{language}\t{text}\n")
            at += len(sound)
    np.save(f"{options.corpus}.npy", np.concatenate(sounds))
    with open(f"{options.corpus}.tsv", "w", encoding="utf-8") as table:
        table.writelines(rows)
    print(f"{len(rows)} sentences, {at / SAMPLE_RATE / 3600:.2f} h")


if __name__ == "__main__":
    main()

"""Speaks a call: one track per person on a shared clock, and what was said when.

    python -m benchmarks.make_call SCRIPT OUT_DIR

A script holds voices and lines, ``anna: Hello everyone.``; ``+ben: Yes.`` talks over
the line before. ``anna = gmw/en-US+f4, 165, 55`` is a voice of espeak-ng (words per
minute, pitch), ``anna = natural/heart, 100`` one of ``benchmarks/natural.py`` (speed in
percent). OUT_DIR gets an Opus file per person and ``call.json`` with every word's start
and end. So the bundled demo call was made, in the environment that ``natural.py``
describes, and is the same each time:

    voices/bin/python -m benchmarks.make_call benchmarks/demo_call.txt \\
        meetings/demo_call --room-tone -60
"""

import argparse
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random

import av
import numpy as np

from benchmarks import speech
from benchmarks.speech import SAMPLE_RATE, Sound, Word, resample

RATE = 24_000  # Hz
BEFORE = 0.8  # seconds of silence before the first line
AFTER = 1.5  # seconds of silence after the last
PAUSE = 0.45  # seconds before the same person's next line
TURN = 0.7  # seconds before another person's line
UNEVEN = 0.35  # share by which a pause may be longer or shorter
OVERLAP = 0.3  # seconds after the start of the line that is talked over
LEVEL = -20.0  # dBFS, of what is said
HIGHEST = 0.9  # full scale is 1
BIT_RATE = 32_000


@dataclass(frozen=True)
class Voice:
    name: str
    settings: tuple[int, ...]

    def speak(self, text: str) -> tuple[Sound, list[Word]]:
        """The text at RATE, and when each word was said."""
        if self.name.startswith("natural/"):
            from benchmarks import natural  # its packages are not Earshot's

            return natural.speak(text, self.name, *self.settings)
        sound, words = speech.speak(text, self.name, *self.settings)
        return resample(sound, SAMPLE_RATE, RATE), words


@dataclass(frozen=True)
class Line:
    speaker: str
    text: str
    over: bool  # talks over the line before


@dataclass(frozen=True)
class Utterance:
    line: Line
    start: float  # seconds
    sound: Sound
    words: list[Word]

    @property
    def end(self) -> float:
        return self.start + len(self.sound) / RATE

    def as_json(self) -> dict[str, object]:
        words = [
            [w.text, round(self.start + w.start, 3), round(self.start + w.end, 3)]
            for w in self.words
        ]
        start, end = round(self.start, 3), round(self.start + self.words[-1].end, 3)
        said = {"speaker": self.line.speaker, "text": self.line.text}
        return said | {"start": start, "end": end, "words": words}


def read_script(text: str) -> tuple[dict[str, Voice], list[Line]]:
    voices: dict[str, Voice] = {}
    lines: list[Line] = []
    for row in filter(None, map(str.strip, text.splitlines())):
        if row.startswith("#"):
            continue
        if "=" in row.split(":")[0]:
            person, _, description = row.partition("=")
            name, *settings = description.split(",")
            voices[person.strip()] = Voice(name.strip(), tuple(map(int, settings)))
        else:
            person, _, said = row.partition(":")
            over = person.startswith("+")
            lines.append(Line(person.lstrip("+").strip(), said.strip(), over))
    return voices, lines


def perform(voices: dict[str, Voice], lines: list[Line], seed: int) -> list[Utterance]:
    """Every line on one clock, in seconds from the beginning of the call."""
    clock, utterances, draw = BEFORE, list[Utterance](), Random(seed)
    for line in lines:
        sound, words = voices[line.speaker].speak(line.text)
        start = _start(line, clock, utterances, draw)
        utterances.append(Utterance(line, start, _levelled(sound, words), words))
        clock = max(clock, utterances[-1].end)
    return utterances


def _start(line: Line, clock: float, before: list[Utterance], draw: Random) -> float:
    if before and line.over:
        return before[-1].start + OVERLAP
    same = bool(before) and before[-1].line.speaker == line.speaker
    return clock + (PAUSE if same else TURN) * draw.uniform(1 - UNEVEN, 1 + UNEVEN)


def _levelled(sound: Sound, words: Sequence[Word]) -> Sound:
    """The sound with its words at LEVEL, unless that is too high somewhere."""
    spans = [sound[round(w.start * RATE) : round(w.end * RATE)] for w in words]
    power = float(np.mean(np.concatenate(spans) ** 2))
    gain = 10 ** (LEVEL / 20) / np.sqrt(power)
    levelled: Sound = sound * np.float32(min(gain, HIGHEST / np.abs(sound).max()))
    return levelled


def track(utterances: list[Utterance], speaker: str, samples: int) -> Sound:
    """One person's sound, silent while the others speak."""
    sound = np.zeros(samples, np.float32)
    for utterance in utterances:
        if utterance.line.speaker == speaker:
            at = int(utterance.start * RATE)
            sound[at : at + len(utterance.sound)] += utterance.sound
    return sound


def room_tone(level: float, samples: int, seed: int) -> Sound:
    """A room without people at a level in dBFS: noise, the lower the louder."""
    spectrum = np.fft.rfft(np.random.default_rng(seed).standard_normal(samples))
    hertz = np.fft.rfftfreq(samples, 1 / RATE)
    colour = 0.3 + 0.2 * (seed % 3)  # 1 is pink noise, every room has its own
    spectrum *= np.maximum(hertz, 60.0) ** (-colour / 2) * (hertz > 20)
    tone = np.fft.irfft(spectrum, samples)
    scaled: Sound = (tone * 10 ** (level / 20) / np.std(tone)).astype(np.float32)
    return scaled


def write_opus(sound: Sound, path: Path) -> None:
    pcm = (np.clip(sound, -1, 1) * 32767).astype(np.int16)
    with av.open(path, "w", options={"fflags": "bitexact"}) as container:
        stream = container.add_stream("libopus", rate=RATE, layout="mono")
        stream.bit_rate = BIT_RATE
        frame = av.AudioFrame.from_ndarray(pcm[None], format="s16", layout="mono")
        frame.sample_rate = RATE
        for given in (frame, None):
            container.mux(stream.encode(given))


def make_call(
    script: Path, folder: Path, tone: float | None = None, seed: int = 0
) -> float:
    """Writes the call and returns its length in seconds."""
    voices, lines = read_script(script.read_text(encoding="utf-8"))
    utterances = perform(voices, lines, seed)
    samples = int((max(u.end for u in utterances) + AFTER) * RATE)
    folder.mkdir(parents=True, exist_ok=True)
    for number, speaker in enumerate(voices):
        sound = track(utterances, speaker, samples)
        if tone is not None:
            sound += room_tone(tone, samples, seed + number)
        write_opus(sound, folder / f"{speaker}.ogg")
    duration = samples / RATE
    call = {"duration": duration, "utterances": [u.as_json() for u in utterances]}
    (folder / "call.json").write_text(json.dumps(call, indent=1) + "\n")
    return duration


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("script", type=Path)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--room-tone", type=float, help="dBFS under every track")
    parser.add_argument("--seed", type=int, default=0, help="of pauses and room tone")
    return parser.parse_args()


if __name__ == "__main__":
    asked = _arguments()
    length = make_call(asked.script, asked.folder, asked.room_tone, asked.seed)
    print(f"{length:.1f} s")

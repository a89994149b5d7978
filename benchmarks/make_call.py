"""Speaks a call: one track per person on a shared clock, and what was said when.

    python -m benchmarks.make_call SCRIPT OUT_DIR

A script holds voices, ``anna = gmw/en-US+f4, 165, 55`` (words per minute, pitch),
and lines, ``anna: Hello everyone.``; ``+ben: Yes.`` talks over the line before. OUT_DIR
gets an Opus file per person and ``call.json`` with every word's start and end.
"""

import json
import sys
from dataclasses import dataclass
from pathlib import Path

import av
import numpy as np

from benchmarks.speech import SAMPLE_RATE, Sound, Word, speak

BEFORE = 0.8  # seconds of silence before the first line
AFTER = 1.5  # seconds of silence after the last
PAUSE = 0.25  # seconds before the same person's next line
TURN = 0.7  # seconds before another person's line
OVERLAP = 0.3  # seconds after the start of the line that is talked over
LEVEL = 0.6
BIT_RATE = 32_000


@dataclass(frozen=True)
class Voice:
    name: str
    words_per_minute: int
    pitch: int


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
        return self.start + len(self.sound) / SAMPLE_RATE

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
            name, speed, pitch = description.split(",")
            voices[person.strip()] = Voice(name.strip(), int(speed), int(pitch))
        else:
            person, _, said = row.partition(":")
            over = person.startswith("+")
            lines.append(Line(person.lstrip("+").strip(), said.strip(), over))
    return voices, lines


def perform(voices: dict[str, Voice], lines: list[Line]) -> list[Utterance]:
    """Every line on one clock, in seconds from the beginning of the call."""
    clock, utterances = BEFORE, list[Utterance]()
    for line in lines:
        voice = voices[line.speaker]
        sound, words = speak(line.text, voice.name, voice.words_per_minute, voice.pitch)
        start = _start(line, clock, utterances)
        utterances.append(Utterance(line, start, sound, words))
        clock = max(clock, utterances[-1].end)
    return utterances


def _start(line: Line, clock: float, before: list[Utterance]) -> float:
    if before and line.over:
        return before[-1].start + OVERLAP
    same = bool(before) and before[-1].line.speaker == line.speaker
    return clock + (PAUSE if same else TURN)


def track(utterances: list[Utterance], speaker: str, samples: int) -> Sound:
    """One person's sound, silent while the others speak."""
    sound = np.zeros(samples, np.float32)
    for utterance in utterances:
        if utterance.line.speaker == speaker:
            at = int(utterance.start * SAMPLE_RATE)
            sound[at : at + len(utterance.sound)] += utterance.sound * LEVEL
    return sound


def write_opus(sound: Sound, path: Path) -> None:
    pcm = (np.clip(sound, -1, 1) * 32767).astype(np.int16)
    with av.open(path, "w") as container:
        stream = container.add_stream("libopus", rate=SAMPLE_RATE, layout="mono")
        stream.bit_rate = BIT_RATE
        frame = av.AudioFrame.from_ndarray(pcm[None], format="s16", layout="mono")
        frame.sample_rate = SAMPLE_RATE
        for given in (frame, None):
            container.mux(stream.encode(given))


def make_call(script: Path, folder: Path) -> float:
    """Writes the call and returns its length in seconds."""
    voices, lines = read_script(script.read_text(encoding="utf-8"))
    utterances = perform(voices, lines)
    samples = int((max(u.end for u in utterances) + AFTER) * SAMPLE_RATE)
    folder.mkdir(parents=True, exist_ok=True)
    for speaker in voices:
        write_opus(track(utterances, speaker, samples), folder / f"{speaker}.ogg")
    duration = samples / SAMPLE_RATE
    call = {"duration": duration, "utterances": [u.as_json() for u in utterances]}
    (folder / "call.json").write_text(json.dumps(call, indent=1) + "\n")
    return duration


if __name__ == "__main__":
    print(f"{make_call(Path(sys.argv[1]), Path(sys.argv[2])):.1f} s")

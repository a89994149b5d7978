"""Recorded sound: Earshot against both ways of faster-whisper, equal settings.

    python -m benchmarks.batch --rounds 5 --json figures.json
    python -m benchmarks.batch --threads 0 --model FOLDER --call FOLDER

All have the same model, beam 5, the same threads and the language given; each cuts
with its own VAD. Whoever is measured takes turns with the others, so that a busy
machine is busy for all. Each person's track is one recording, and so is the mix of all.
"""

import argparse
import json
import os
import platform
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from statistics import median
from time import perf_counter, process_time
from typing import Any

import numpy as np
from faster_whisper import BatchedInferencePipeline, WhisperModel

from benchmarks.call import FIXTURE_CALL, RATE, Person, read_call
from benchmarks.fixture_model import FIXTURE_MODEL
from benchmarks.words import errors, normalised
from transcription.speech.audio.sound import Floats, to_float
from transcription.speech.engine.engine import Engine
from transcription.speech.model.calibration import cores
from transcription.speech.model.loading import Device

BEAM = 5

Transcribe = Callable[[Floats], str]

# What the pipeline is asked for beyond the equal settings. By default it writes no word
# times, which Earshot always does, no timestamps, and fills windows of 30 s, where a
# small model loses its way: windows of 10 s say what is the model's fault.
SHORT: dict[str, object] = {"without_timestamps": False, "chunk_length": 10}
PIPELINES: dict[str, dict[str, object]] = {
    "defaults": {},
    "word times": {"word_timestamps": True},
    "timestamps": {"without_timestamps": False},
    "timestamps, 10 s": SHORT,
    "timestamps, 10 s, word times": SHORT | {"word_timestamps": True},
}
SYSTEMS = ("Earshot", "transcribe()", *(f"pipeline, {name}" for name in PIPELINES))


@dataclass(frozen=True)
class Recording:
    """Sound (16 kHz mono) and the words in it."""

    name: str
    sound: Floats
    words: tuple[str, ...]

    @property
    def seconds(self) -> float:
        """How long it is."""
        return len(self.sound) / RATE


@dataclass(frozen=True)
class Row:
    """A system on one recording: medians of the rounds, and the spread."""

    system: str
    recording: str
    speed: float  # seconds of sound per second, the inverse of the real-time factor
    slowest: float
    fastest: float
    per_cpu: float  # the same per second of CPU time, which others' work hardly changes
    wer: float


def main() -> None:
    """Run, print a table, write the JSON."""
    asked = _arguments()
    recordings = call_recordings(read_call(asked.call), asked.repeat)
    engine = Engine(asked.model, asked.device, cpu_threads=asked.threads or None)
    engine.start()
    engine.ready.wait()
    systems = {"Earshot": _ours(engine)} | _theirs(asked)
    systems = {name: systems[name] for name in asked.only or systems}
    rows = _measure(systems, recordings, asked.rounds)
    engine.stop()
    print(table(rows))
    if asked.json:
        asked.json.write_text(json.dumps(_report(asked, rows), indent=1) + "\n")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5, help="turns of each system")
    parser.add_argument(
        "--call", type=Path, default=FIXTURE_CALL, help="folder of a call"
    )
    parser.add_argument("--repeat", type=int, default=1, help="times each recording")
    parser.add_argument("--model", type=Path, default=FIXTURE_MODEL, help="folder")
    parser.add_argument("--device", default="cpu", choices=("cpu", "cuda"))
    parser.add_argument(
        "--threads",
        type=int,
        default=1,
        help="of the model; 0: every core, its own way",
    )
    parser.add_argument("--only", nargs="+", choices=SYSTEMS, help="instead of all")
    parser.add_argument("--batch", type=int, default=8, help="the pipeline's, its own")
    parser.add_argument("--json", type=Path, help="file for the figures")
    return parser.parse_args()


def call_recordings(people: Sequence[Person], repeat: int = 1) -> list[Recording]:
    """Every track of a call and the mix of all, each so many times in a row."""
    tracks = [
        Recording(p.name, to_float(p.samples), tuple(w.text for w in p.words))
        for p in people
    ]
    spoken = sorted((w.start, w.text) for person in people for w in person.words)
    longest = max(len(track.sound) for track in tracks)
    mix = sum(np.pad(t.sound, (0, longest - len(t.sound))) for t in tracks)
    words = tuple(text for _, text in spoken)
    mixed = Recording("mix", np.clip(mix, -1, 1).astype(np.float32), words)
    return [
        Recording(one.name, np.tile(one.sound, repeat), one.words * repeat)
        for one in (*tracks, mixed)
    ]


def _ours(engine: Engine) -> Transcribe:
    def transcribe(sound: Floats) -> str:
        lines = engine.transcribe(sound, language="en")
        return " ".join(line.text for line in lines)

    return transcribe


def _theirs(asked: argparse.Namespace) -> dict[str, Transcribe]:
    here = Device(asked.device, cpu_threads=asked.threads or cores()).at_hand()
    model = WhisperModel(
        str(asked.model),
        device=here.name,
        compute_type=here.compute_type,
        cpu_threads=here.cpu_threads,
    )
    one_by_one = partial(model.transcribe, vad_filter=True)
    batched = partial(
        BatchedInferencePipeline(model).transcribe, batch_size=asked.batch
    )
    return {"transcribe()": _text_of(one_by_one)} | {
        f"pipeline, {name}": _text_of(partial(batched, **options))
        for name, options in PIPELINES.items()
    }


def _text_of(transcribing: Callable[..., Any]) -> Transcribe:
    def transcribe(sound: Floats) -> str:
        segments, _ = transcribing(sound, language="en", beam_size=BEAM)
        return " ".join(segment.text for segment in segments)  # decodes as it goes

    return transcribe


def _measure(
    systems: dict[str, Transcribe], recordings: Sequence[Recording], rounds: int
) -> list[Row]:
    speeds: dict[tuple[str, str], list[float]] = {}
    per_cpu: dict[tuple[str, str], list[float]] = {}
    wrong: dict[tuple[str, str], float] = {}
    for turn in range(rounds + 1):
        for recording in recordings:
            for system, transcribe in systems.items():
                began, busy = perf_counter(), process_time()
                text = transcribe(recording.sound)
                spent, busy = perf_counter() - began, process_time() - busy
                key = system, recording.name
                if turn:  # the first is the warm-up
                    speeds.setdefault(key, []).append(recording.seconds / spent)
                    per_cpu.setdefault(key, []).append(recording.seconds / busy)
                missed = errors(recording.words, normalised(text))
                wrong[key] = missed / len(recording.words)
    return [
        Row(
            *key,
            speed=_short(median(speeds[key])),
            slowest=_short(min(speeds[key])),
            fastest=_short(max(speeds[key])),
            per_cpu=_short(median(per_cpu[key])),
            wer=round(rate, 4),
        )
        for key, rate in wrong.items()
    ]


def _short(value: float) -> float:
    return round(value, 2)


def table(rows: Sequence[Row]) -> str:
    """Speeds as multiples of real time: the median, the least and the most."""
    lines = [
        "| system | recording | x real time (spread) | the same per CPU | WER |",
        "|---|---|---|---|---|",
    ]
    return "\n".join(lines + [_line(row) for row in rows])


def _line(row: Row) -> str:
    return (
        f"| {row.system} | {row.recording} "
        f"| {row.speed:.1f} ({row.slowest:.1f}-{row.fastest:.1f}) "
        f"| {row.per_cpu:.1f} | {row.wer:.3f} |"
    )


def _report(asked: argparse.Namespace, rows: Sequence[Row]) -> dict[str, object]:
    cores = len(os.sched_getaffinity(0))
    machine = f"{platform.machine()}, {cores} cores, load {os.getloadavg()[0]:.1f}"
    fixed = {"beam": BEAM, "threads": asked.threads, "batch": asked.batch}
    about = {"machine": machine, "model": asked.model.name, "device": asked.device}
    return about | fixed | {"rows": [asdict(row) for row in rows]}


if __name__ == "__main__":
    main()

"""Diarisation error rate of telling voices apart on recordings of real people.

    python -m benchmarks.speakers /path/to/human [--mixes 5] [--json FILE]

The folder holds recordings of one person each (reader, speaker, odd/jfk, ...) and
odd/two_voices_30s.ogg with its turns in .rttm. People take turns of 1.5 to 6 s in mixes
that are made on the fly, with pauses of 0.05 to 0.6 s; their number is not told.

DER: time that is missed, taken for speech, or given to somebody else, of all speech; a
collar of 0.25 s around each edge of the reference does not count, overlaps do.
"""

import argparse
import json
import time
from collections.abc import Iterator, Sequence
from functools import cache
from itertools import permutations
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from meetings.media.pcm import PCM_RATE, load_pcm16k
from transcription.speech.speakers.apart import stretches, tell_apart

COLLAR = 0.25
PER_SECOND = 100
ALONE = ("reader", "speaker", "odd/jfk", "odd/es_test_clip")
MIXES = (("reader", "speaker"), ("reader", "odd/jfk"), ALONE[:3], ALONE)
DEMO = Path("meetings/demo_call")
TURNS = 8  # of each person in a mix

Sound = NDArray[np.float32]


class Turn(NamedTuple):
    start: float
    end: float
    who: str


class Result(NamedTuple):
    name: str
    people: int
    found: int
    error: float  # DER
    seconds: float
    took: float


def error_rate(truth: Sequence[Turn], told: Sequence[Turn], seconds: float) -> float:
    """DER, with whoever is meant by a number found as it fits best."""
    theirs, ours = _grid(truth, seconds), _grid(told, seconds)
    counted = _counted(truth, theirs.shape[1])
    theirs, ours = theirs[:, counted], ours[:, counted]
    right = _agreed(theirs.astype(int) @ ours.T.astype(int))
    speak, said = theirs.sum(0), ours.sum(0)
    wrong = np.maximum(speak, said).sum() - right
    return float(wrong / max(1, speak.sum()))


def _grid(turns: Sequence[Turn], seconds: float) -> NDArray[np.bool_]:
    people = sorted({turn.who for turn in turns}) or [""]
    grid = np.zeros((len(people), int(seconds * PER_SECOND) + 1), bool)
    for turn in turns:
        first, last = round(turn.start * PER_SECOND), round(turn.end * PER_SECOND)
        grid[people.index(turn.who), first:last] = True
    return grid


def _counted(truth: Sequence[Turn], length: int) -> NDArray[np.bool_]:
    counted = np.ones(length, bool)
    for edge in (at for turn in truth for at in (turn.start, turn.end)):
        first, last = (edge - COLLAR) * PER_SECOND, (edge + COLLAR) * PER_SECOND
        counted[max(0, int(first)) : int(last)] = False
    return counted


def _agreed(together: NDArray[np.int64]) -> int:
    """The most that both say, each person standing for one number at most."""
    rows = together if together.shape[0] <= together.shape[1] else together.T
    ways = permutations(range(rows.shape[1]), rows.shape[0])
    return max(int(rows[np.arange(len(rows)), list(way)].sum()) for way in ways)


# -- recordings


@cache
def sound_of(path: Path) -> Sound:
    return np.asarray(load_pcm16k(path), np.float32)


def rttm(path: Path) -> list[Turn]:
    fields = [line.split() for line in path.read_text().splitlines() if line.strip()]
    return [Turn(float(f[3]), float(f[3]) + float(f[4]), f[7]) for f in fields]


def mix(
    folder: Path, names: Sequence[str], chance: np.random.Generator
) -> tuple[Sound, list[Turn]]:
    """People who take turns, nobody twice in a row, and when each of them speaks."""
    parts, truth, at, last = list[Sound](), list[Turn](), 0.0, ""
    for _ in range(TURNS * len(names)):
        last = str(chance.choice([name for name in names if name != last]))
        for part in _phrases(folder / f"{last}.ogg", chance.uniform(1.5, 6), chance):
            length = len(part) / PCM_RATE
            if truth and truth[-1].who == last and truth[-1].end == at:
                truth[-1] = truth[-1]._replace(end=at + length)
            else:
                truth.append(Turn(at, at + length, last))
            parts.append(part)
            at += length
        pause = np.zeros(int(chance.uniform(0.05, 0.6) * PCM_RATE), np.float32)
        parts.append(pause)
        at += len(pause) / PCM_RATE
    return np.concatenate(parts), truth


def _phrases(
    path: Path, seconds: float, chance: np.random.Generator
) -> Iterator[Sound]:
    """Stretches of somebody's speech, about so long together."""
    sound = sound_of(path)
    spoken = [(a, b) for a, b in stretches([sound]) if b - a > 0.8]
    while seconds > 0.5:
        start, end = spoken[int(chance.integers(len(spoken)))]
        end = min(end, start + seconds)
        yield sound[int(start * PCM_RATE) : int(end * PCM_RATE)]
        seconds -= end - start


def demo_call() -> tuple[Sound, list[Turn]]:
    """Three people who answer each other quickly, put onto one track."""
    told = json.loads((DEMO / "call.json").read_text())["utterances"]
    truth = [Turn(line["start"], line["end"], line["speaker"]) for line in told]
    people = {turn.who for turn in truth}
    tracks = [sound_of(DEMO / f"{who}.ogg") for who in sorted(people)]
    return np.sum(tracks, axis=0, dtype=np.float32), truth


# -- what is measured


def measured(
    name: str, sound: Sound, truth: Sequence[Turn], count: int | None = None
) -> Result:
    parts = [sound[n : n + PCM_RATE] for n in range(0, len(sound), PCM_RATE)]
    began = time.perf_counter()
    told = tell_apart(lambda: parts, count)
    took = time.perf_counter() - began
    seconds = len(sound) / PCM_RATE
    turns = [Turn(turn.start, turn.end, str(turn.voice)) for turn in told]
    people, found = (len({turn.who for turn in some}) for some in (truth, turns))
    return Result(name, people, found, error_rate(truth, turns, seconds), seconds, took)


def results(folder: Path, mixes: int) -> Iterator[Result]:
    for name in ALONE:
        sound = sound_of(folder / f"{name}.ogg")
        truth = [Turn(a, b, name) for a, b in stretches([sound])]
        yield measured(name, sound, truth)
    two = folder / "odd" / "two_voices_30s.ogg"
    truth = rttm(two.with_suffix(".rttm"))
    yield measured("two_voices", sound_of(two), truth)
    yield measured("two_voices, number known", sound_of(two), truth, 2)
    yield measured("the demo call, mixed", *demo_call())
    for names in MIXES:
        for seed in range(mixes):
            sound, truth = mix(folder, names, np.random.default_rng(seed))
            yield measured(f"mix of {len(names)}", sound, truth)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--mixes", type=int, default=5, help="of each kind")
    parser.add_argument("--json", type=Path)
    asked = parser.parse_args()
    rows = []
    print("| recording | seconds | people | found | DER | x real time |")
    print("|---|---|---|---|---|---|")
    for row in results(asked.folder, asked.mixes):
        rows.append(row._asdict())
        speed = row.seconds / row.took
        counts = f"{row.people} | {row.found}"
        print(
            f"| {row.name} | {row.seconds:.0f} | {counts} | {row.error:.1%} "
            f"| {speed:.0f} |",
            flush=True,
        )
    if asked.json:
        asked.json.write_text(json.dumps(rows, indent=1))


if __name__ == "__main__":
    main()

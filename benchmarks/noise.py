"""What the VAD and the filters are worth where there is noise: a table of four rows.

    python -m benchmarks.noise --json figures.json

After Baranski et al. (ICASSP 2025, arXiv 2501.11378): speech with known words gets 1 to
30 s of noise before and after it, or noise over it, and is written down

- raw: by faster-whisper's ``transcribe()`` without its VAD
- loops + bag: the same text through those two filters
- VAD: by Earshot, before its filters
- all: by Earshot

Speech: the call of the tests and sentences in espeak-ng voices. Noise: seeded. The
bag holds what the model invents for noise of other seeds, as its authors made theirs.
"""

import argparse
import json
import os
import platform
import random
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from itertools import cycle
from math import exp
from pathlib import Path

from faster_whisper import WhisperModel

from benchmarks.call import FIXTURE_CALL
from benchmarks.clips import LONGEST, Clip, around, call_clips, over, spoken_clips
from benchmarks.fixture_model import FIXTURE_MODEL
from benchmarks.words import align, errors, normalised
from transcription.speech.audio import noise
from transcription.speech.audio.sound import Floats
from transcription.speech.engine.captions import HeardUtterance
from transcription.speech.engine.engine import Engine
from transcription.speech.filters import Draft, Evidence, Rules
from transcription.speech.filters.bag import Bag
from transcription.speech.filters.hallucinations import empty_bag
from transcription.speech.filters.loops import collapse_loops
from transcription.speech.filters.seed import AMBIGUOUS, CERTAIN, seeds

LEAST = 2  # times that an invention must be seen to come into the bag
KINDS = tuple(kind for kind in noise.KINDS if kind != "silence")


@dataclass(frozen=True)
class Heard:
    """A stretch of what ``transcribe()`` wrote, with its own measures."""

    text: str
    seconds: float
    no_speech: float
    confidence: float


@dataclass(frozen=True)
class Row:
    """Word error rates with noise around the speech, over it, and without noise."""

    method: str
    around: float
    over: float
    clean: float


@dataclass(frozen=True)
class Result:
    """The four rows, the same for each kind of noise, and what the filters cost."""

    rows: list[Row]
    kinds: dict[str, list[Row]]
    lost: int  # right words of clean speech that the filters removed


def main() -> None:
    """Run, print the table, write the JSON."""
    asked = _arguments()
    model = WhisperModel(str(asked.model), "cpu", compute_type="int8", cpu_threads=1)
    clips = [*call_clips(asked.call), *spoken_clips(asked.sentences, asked.seed)]
    rules = Rules("en", bag=harvest(model, asked.harvest, asked.seed + 1))
    engine = Engine(asked.model, "cpu", cpu_threads=1, rules_for=lambda _: rules)
    engine.start()
    engine.ready.wait()
    result = _measure(model, engine, rules, clips, asked.seed)
    engine.stop()
    report = _report(asked, result, clips, rules)
    print(_table(result.rows))
    print(f"Right words of clean speech that the filters removed: {result.lost}")
    if asked.json:
        asked.json.write_text(json.dumps(report, indent=1) + "\n")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--sentences", type=int, default=40, help="spoken beside a call"
    )
    parser.add_argument("--harvest", type=int, default=45, help="noises for the bag")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument(
        "--call", type=Path, default=FIXTURE_CALL, help="folder of a call"
    )
    parser.add_argument("--model", type=Path, default=FIXTURE_MODEL, help="folder")
    parser.add_argument("--json", type=Path, help="file for the figures")
    return parser.parse_args()


def harvest(model: WhisperModel, count: int, seed: int) -> Bag:
    """The starter bag and what the model invents for noise, which may be said, too."""
    draw, found = random.Random(seed), Counter[str]()
    for number, kind in zip(range(count), cycle(KINDS), strict=False):
        sound = noise.make(kind, draw.uniform(1, LONGEST), seed * 1000 + number)
        found.update(heard.text.strip() for heard in raw(model, sound))
    starters = seeds("en")
    invented = [text for text, times in found.items() if times >= LEAST]
    return Bag.of(
        [seed.phrase for seed in starters if seed.tier == CERTAIN],
        [*(s.phrase for s in starters if s.tier == AMBIGUOUS), *invented],
    )


def raw(model: WhisperModel, sound: Floats) -> list[Heard]:
    """faster-whisper by itself: beam 5, temperature 0, no VAD."""
    segments, _ = model.transcribe(
        sound, language="en", temperature=0.0, condition_on_previous_text=False
    )
    return [
        Heard(one.text, one.end - one.start, one.no_speech_prob, exp(one.avg_logprob))
        for one in segments
    ]


def filtered(heard: Sequence[Heard], rules: Rules) -> str:
    """Loops and the bag alone; without a VAD every segment counts as speech."""
    texts = []
    for one in heard:
        voiced = ((0.0, one.seconds),)
        evidence = Evidence(0.0, one.seconds, voiced, one.no_speech, one.confidence)
        once = collapse_loops(Draft(one.text.strip()), evidence, rules)
        texts.append(empty_bag(Draft(once.text), evidence, rules).text)
    return " ".join(texts)


def _measure(
    model: WhisperModel,
    engine: Engine,
    rules: Rules,
    clips: Sequence[Clip],
    seed: int,
) -> Result:
    placings: dict[str, Callable[[Clip, str, int], Floats]] = {
        "around": around,
        "over": over,
        "clean": lambda clip, kind, seed: clip.sound,
    }
    wrong, said = Counter[tuple[str, str, str]](), Counter[str]()
    lost = 0
    for number, (clip, kind) in enumerate(zip(clips, cycle(KINDS), strict=False)):
        said[kind] += len(clip.words)
        for placing, place in placings.items():
            sound = place(clip, kind, seed * 1000 + number)
            heard = raw(model, sound)
            lines = engine.transcribe(sound, language="en")
            for method, text in _texts(heard, lines, rules):
                wrong[method, placing, kind] += errors(clip.words, normalised(text))
            lost += _lost(clip, lines) if placing == "clean" else 0
    methods = list(dict.fromkeys(method for method, _, _ in wrong))

    def rows(*kinds: str) -> list[Row]:
        words = sum(said[kind] for kind in kinds)
        return [
            Row(method, *(_rate(wrong, words, method, one, kinds) for one in placings))
            for method in methods
        ]

    return Result(rows(*said), {kind: rows(kind) for kind in said}, lost)


def _rate(
    wrong: Counter[tuple[str, str, str]],
    words: int,
    method: str,
    placing: str,
    kinds: Sequence[str],
) -> float:
    return round(sum(wrong[method, placing, kind] for kind in kinds) / words, 4)


def _texts(
    heard: Sequence[Heard], lines: Sequence[HeardUtterance], rules: Rules
) -> Iterator[tuple[str, str]]:
    yield "raw", " ".join(one.text for one in heard)
    yield "loops + bag", filtered(heard, rules)
    yield "VAD", " ".join(line.raw for line in lines)
    yield "all", " ".join(line.text for line in lines)


def _lost(clip: Clip, lines: Sequence[HeardUtterance]) -> int:
    """Right words of the model that the filters took out."""
    before = normalised(" ".join(line.raw for line in lines))
    after = normalised(" ".join(line.text for line in lines))
    return max(len(align(clip.words, before)) - len(align(clip.words, after)), 0)


def _table(rows: Sequence[Row]) -> str:
    lines = [
        "| method | WER, noise before and after | WER, noise over it | WER, clean |",
        "|---|---|---|---|",
    ]
    for row in rows:
        rates = (row.around, row.over, row.clean)
        told = " | ".join(f"{100 * rate:.1f} %" for rate in rates)
        lines.append(f"| {row.method} | {told} |")
    return "\n".join(lines)


def _report(
    asked: argparse.Namespace,
    result: Result,
    clips: Sequence[Clip],
    rules: Rules,
) -> dict[str, object]:
    return {
        "machine": f"{platform.machine()}, {os.cpu_count()} cores",
        "model": asked.model.name,
        "clips": len(clips),
        "words": sum(len(clip.words) for clip in clips),
        "phrases": rules.bag.size,
        **asdict(result),
    }


if __name__ == "__main__":
    main()

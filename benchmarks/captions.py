"""How fast and how right live captions are, in real time, as N people.

    python -m benchmarks.captions --streams 4 --json figures.json --call FOLDER

The call folder holds one track per person and a call.json with the times of all words,
like the demo call. Streams beyond the number of people play the same people again,
each with its own start.
"""

import argparse
import json
import os
import platform
import resource
from pathlib import Path

from benchmarks.call import DEMO_CALL, RATE, Person, read_call
from benchmarks.feed import play
from benchmarks.figures import Figures, measure, percentile
from benchmarks.words import errors, normalised
from transcription.speech.engine import Engine

DEMO_MODEL = Path(__file__).parent.parent / "transcription" / "demo_model" / "model"
WARM_UP = 30.0  # s at the start of the run whose latencies do not count


def main() -> None:
    """Run, print a table, write the JSON."""
    asked = _arguments()
    people = read_call(asked.call)
    engine = Engine(asked.model, device=asked.device)
    engine.start()
    engine.ready.wait()
    offline = _offline(engine, people)
    figures, cost = _live(engine, people, asked.streams, asked.warm_up)
    report = _report(asked.streams, figures, offline, cost, engine)
    engine.stop()
    print(_table(report))
    if asked.json:
        asked.json.write_text(json.dumps(report, indent=1) + "\n")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--streams", type=int, default=1, help="people at a time")
    parser.add_argument("--json", type=Path, help="file for the figures")
    parser.add_argument("--call", type=Path, default=DEMO_CALL, help="folder of a call")
    parser.add_argument("--model", type=Path, default=DEMO_MODEL, help="model folder")
    parser.add_argument("--device", default="auto", choices=("auto", "cpu", "cuda"))
    parser.add_argument("--warm-up", type=float, default=WARM_UP, help="s, not counted")
    return parser.parse_args()


def _offline(engine: Engine, people: list[Person]) -> float:
    """Word error rate of the second pass over the whole tracks."""
    wrong = said = 0
    for person in people:
        lines = engine.transcribe(person.samples)
        heard = [word for line in lines for word in normalised(line.text)]
        wrong += errors([word.text for word in person.words], heard)
        said += len(person.words)
    return wrong / said


def _live(
    engine: Engine, people: list[Person], streams: int, warm_up: float
) -> tuple[Figures, float]:
    """The figures of a live run, and its CPU seconds per second of sound."""
    before = _cpu_seconds()
    plays = play(engine, people, streams)
    spent = _cpu_seconds() - before
    figures = Figures()
    for played in plays:
        since = warm_up - played.start
        measure(figures, played.person.words, played.events, since)
    return figures, spent / sum(len(p.person.samples) / RATE for p in plays)


def _report(
    streams: int, figures: Figures, offline: float, cost: float, engine: Engine
) -> dict[str, object]:
    def ms(values: list[float], share: float) -> float:
        return round(1000 * percentile(values, share), 1)

    return {
        "streams": streams,
        "fd_p50_ms": ms(figures.fd, 0.5),
        "fd_p95_ms": ms(figures.fd, 0.95),
        "st_p50_ms": ms(figures.st, 0.5),
        "st_p95_ms": ms(figures.st, 0.95),
        "fin_p50_ms": ms(figures.fin, 0.5),
        "fin_p95_ms": ms(figures.fin, 0.95),
        "call_p50_ms": ms(figures.call, 0.5),
        "call_p95_ms": ms(figures.call, 0.95),
        "coverage": round(figures.coverage, 4),
        "erasure": round(figures.erasure, 4),
        "wer_live": round(figures.wer, 4),
        "wer_offline": round(offline, 4),
        "cpu_s_per_audio_s": round(cost, 4),
        "words": len(figures.fd),
        "machine": _machine(engine),
    }


def _machine(engine: Engine) -> str:
    stats = engine.stats()
    cores = len(os.sched_getaffinity(0))
    load = os.getloadavg()[0]
    return (
        f"{platform.machine()}, {cores} cores, load {load:.1f}, "
        f"{stats.model} on {stats.device} ({stats.compute_type})"
    )


def _table(report: dict[str, object]) -> str:
    width = max(map(len, report))
    return "\n".join(f"{name:<{width}}  {value}" for name, value in report.items())


def _cpu_seconds() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


if __name__ == "__main__":
    main()

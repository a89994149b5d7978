"""The shape of large-v3-turbo on a GPU: how many live streams, how fast a recording.

    python -m benchmarks.gpu --price 0.805 --json figures.json

Weights are random, so there are no words to be late: what is measured is the latency of
calls (the newest sample's arrival to the event). The first display of a word comes with
the wait for the next partial and for the network on top, which is added as an estimate.
Nobody knows the shortest window that the real model reads: ``--shortest`` assumes it.
Says "no GPU" where there is none. Real models, which have words:
``python -m benchmarks.captions --device cuda --model FOLDER``.
"""

import argparse
import json
import os
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter

import ctranslate2
import numpy as np

from benchmarks.call import DEMO_CALL, RATE, Person, excerpt, read_call
from benchmarks.feed import play
from benchmarks.figures import percentile
from benchmarks.random_model import SHAPES, build
from transcription.speech.audio.sound import Samples
from transcription.speech.engine.engine import Engine
from transcription.speech.model import selftest

LIMIT = 300.0  # ms of p95 that a stream may have
ON_THE_WAY = 50.0  # ms of capture, jitter buffer and websocket
CERTAIN_WAIT = 0.95  # of a period: the 95th percentile of a wait for the next partial


@dataclass(frozen=True)
class Live:
    """So many people who speak at a time; latencies in ms."""

    streams: int
    call_p50: float
    call_p95: float
    display_p95: float  # an estimate: call, wait for the partial, network
    period: float  # ms between partials at the end of the run
    load: float  # share of time that the model worked


def main() -> None:
    """Run, print the tables, write the JSON; nothing without a GPU."""
    asked = _arguments()
    if asked.device == "cuda" and not ctranslate2.get_cuda_device_count():
        print("no GPU")
        return
    with TemporaryDirectory() as folder:
        model = build(SHAPES[asked.shape], Path(folder) / asked.shape)
        selftest.keep(model, asked.shortest)
        engine = Engine(model, device=asked.device, live_beam=1)
        engine.start()
        engine.ready.wait()
        report = _measure(engine, asked)
        engine.stop()
    print(_table(report))
    if asked.json:
        asked.json.write_text(json.dumps(report, indent=1) + "\n")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--price", type=float, default=0.0, help="$/h of the machine")
    parser.add_argument(
        "--streams", type=int, nargs="+", default=[1, 2, 4, 8, 16, 32, 64, 96, 128]
    )
    parser.add_argument("--seconds", type=float, default=30.0, help="of each live run")
    parser.add_argument("--repeat", type=int, default=10, help="times the recording")
    parser.add_argument("--shape", default="large-v3-turbo", choices=SHAPES)
    parser.add_argument("--shortest", type=int, default=800, help="frames of an input")
    parser.add_argument("--device", default="cuda", choices=("cuda", "cpu"))
    parser.add_argument("--json", type=Path, help="file for the figures")
    return parser.parse_args()


def _measure(engine: Engine, asked: argparse.Namespace) -> dict[str, object]:
    person = talker(read_call(DEMO_CALL))
    speed = _recorded(engine, np.tile(person.samples, asked.repeat))
    rows: list[Live] = []
    for streams in asked.streams:
        rows.append(_live(engine, excerpt(person, asked.seconds, 0.0), streams))
        print(rows[-1], flush=True)  # a lent machine may be gone before the table
        if rows[-1].call_p95 > 2 * LIMIT:
            break
    return _report(engine, asked, speed, rows)


def talker(people: Sequence[Person]) -> Person:
    """One person who says everything that is said in a call, without long pauses."""
    pieces = [
        person.samples[round(word.start * RATE) : round(word.end * RATE)]
        for person in people
        for word in person.words
    ]
    return Person("talker", np.concatenate(pieces), ())


def _recorded(engine: Engine, samples: Samples) -> float:
    """Seconds of sound per second; the first minute is the warm-up."""
    engine.transcribe(samples[: 60 * RATE], language="en")
    began = perf_counter()
    engine.transcribe(samples, language="en")
    return len(samples) / RATE / (perf_counter() - began)


def _live(engine: Engine, person: Person, streams: int) -> Live:
    plays = play(engine, [person], streams, language="en")
    calls = [
        caption.latency_ms
        for played in plays
        for _, caption in played.events
        if caption.latency_ms is not None and not caption.final
    ]
    stats, late = engine.stats(), percentile(calls, 0.95)
    period = 1000 * stats.period
    return Live(
        streams,
        call_p50=round(percentile(calls, 0.5), 1),
        call_p95=round(late, 1),
        display_p95=round(late + CERTAIN_WAIT * period + ON_THE_WAY, 1),
        period=round(period),
        load=round(stats.load, 2),
    )


def _report(
    engine: Engine, asked: argparse.Namespace, speed: float, rows: Sequence[Live]
) -> dict[str, object]:
    stats = engine.stats()
    streams = max((r.streams for r in rows if r.display_p95 <= LIMIT), default=0)
    calls = max((r.streams for r in rows if r.call_p95 <= LIMIT), default=0)
    return {
        "shape": asked.shape,
        "shortest": asked.shortest,
        "device": f"{stats.device} ({stats.compute_type})",
        "cores": len(os.sched_getaffinity(0)),
        "rows": [asdict(row) for row in rows],
        "streams_with_calls_in_300_ms": calls,
        "streams_with_words_in_300_ms_estimated": streams,
        "recorded_x_real_time": round(speed, 1),
        "price_per_hour": asked.price,
        "recorded_cost_per_audio_hour": round(asked.price / speed, 6),
        "live_cost_per_active_hour": round(asked.price / streams, 6)
        if streams
        else None,
    }


def _table(report: dict[str, object]) -> str:
    lines = [
        "| streams | call p50 / p95 ms | first display p95 ms, estimated | load |",
        "|---|---|---|---|",
    ]
    rows = report["rows"]
    assert isinstance(rows, list)
    for row in rows:
        lines.append(
            f"| {row['streams']} | {row['call_p50']:.0f} / {row['call_p95']:.0f} "
            f"| {row['display_p95']:.0f} | {row['load']:.2f} |"
        )
    rest = {name: value for name, value in report.items() if name != "rows"}
    return "\n".join([*lines, "", *(f"{name}: {rest[name]}" for name in rest)])


if __name__ == "__main__":
    main()

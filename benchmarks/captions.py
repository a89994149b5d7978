"""How fast and how right live captions are, in real time, as N people.

    python -m benchmarks.captions --streams 4 --json figures.json --call FOLDER
    python -m benchmarks.captions --active --streams 1 2 4 8 16
    python -m benchmarks.captions --streams 4 --importing
    python -m benchmarks.captions --device cuda --model FOLDER --seconds 30

The call folder holds one track per person and a call.json with the times of all words,
like the call of the tests. Streams beyond the number of people play the same people
again, each with its own start. With ``--active`` nobody waits for the others: all talk
all the time. With ``--importing`` the same engine transcribes recordings of the call
meanwhile, one after the other, or with ``--recorded-model`` another engine that gives
way. Several numbers of streams have one run each, up to the
first whose words come later than 1 s, and the largest within 300 and 650 ms are named.
"""

import argparse
import json
import os
import platform
import resource
from collections.abc import Sequence
from itertools import cycle
from pathlib import Path
from threading import Event, Thread
from time import monotonic
from typing import Any, Self

from benchmarks.call import FIXTURE_CALL, RATE, Person, active, excerpt, read_call
from benchmarks.feed import play
from benchmarks.figures import Figures, measure, percentile
from benchmarks.fixture_model import FIXTURE_MODEL
from benchmarks.words import errors, normalised
from transcription.speech.engine.engine import Engine

WARM_UP = 30.0  # s at the start of the run whose latencies do not count
ACTIVE_SECONDS = 90.0  # of a run with --active
SILENCE = 1.0  # s behind an excerpt, in which its last line ends
LIMITS = (300, 650)  # ms
TOO_LATE = 1.0  # s of p95 after which more streams are pointless

Report = dict[str, Any]  # the figures of one run by their names


def main() -> None:
    """Run, print a table, write the JSON."""
    asked = _arguments()
    people = read_call(asked.call)
    if asked.seconds:
        people = [excerpt(person, asked.seconds, SILENCE) for person in people]
    if asked.active:
        people = [active(person, ACTIVE_SECONDS) for person in people]
    engine = Engine(asked.model, device=asked.device)
    engine.start()
    engine.ready.wait()
    offline = _offline(engine, people)
    hearing = _recording_engine(asked.recorded_model, asked.device) or engine
    reports: list[Report] = []
    for streams in asked.streams:
        with Importing(hearing, people if asked.importing else []) as importing:
            figures, cost = _live(engine, people, streams, asked.warm_up)
        reports.append(_report(streams, figures, offline, cost, engine))
        if asked.importing:
            reports[-1]["imported_x_real_time"] = round(importing.speed, 1)
        print(_table(reports[-1]), flush=True)
        if not figures.fd or percentile(figures.fd, 0.95) > TOO_LATE:
            break
    for one in {engine, hearing}:
        one.stop()
    _conclude(reports, asked.json)


def _recording_engine(model: Path | None, device: str) -> Engine | None:
    """As the server loads it for recordings that another model hears."""
    if model is None:
        return None
    engine = Engine(model, device=device, gives_way=True)
    engine.start()
    engine.ready.wait()
    return engine


def _conclude(reports: list[Report], path: Path | None) -> None:
    """One run is written as it is, several with the most streams in time."""
    document: object = reports[0]
    if len(reports) > 1:
        most = {f"most_{limit}_ms": most_streams(reports, limit) for limit in LIMITS}
        print(_table(most))
        document = most | {"runs": reports}
    if path:
        path.write_text(json.dumps(document, indent=1) + "\n")


def most_streams(reports: Sequence[Report], limit: float) -> int:
    """The largest number of streams whose p95 of FD, in ms, was within a limit."""
    return max((r["streams"] for r in reports if r["fd_p95_ms"] <= limit), default=0)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--streams", type=int, nargs="+", default=[1], help="people at a time"
    )
    parser.add_argument("--active", action="store_true", help="nobody ever pauses")
    parser.add_argument(
        "--importing", action="store_true", help="recordings are transcribed meanwhile"
    )
    parser.add_argument(
        "--recorded-model", type=Path, help="folder of the one that imports"
    )
    parser.add_argument("--json", type=Path, help="file for the figures")
    parser.add_argument(
        "--call", type=Path, default=FIXTURE_CALL, help="folder of a call"
    )
    parser.add_argument("--model", type=Path, default=FIXTURE_MODEL, help="folder")
    parser.add_argument("--device", default="auto", choices=("auto", "cpu", "cuda"))
    parser.add_argument("--warm-up", type=float, default=WARM_UP, help="s, not counted")
    parser.add_argument("--seconds", type=float, help="of the call, from its start")
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


class Importing:
    """Recordings that the engine transcribes one after the other, while it is open."""

    def __init__(self, engine: Engine, people: Sequence[Person]) -> None:
        self.speed = 0.0  # seconds of sound per second, when it is over
        self._engine, self._people = engine, people
        self._stop = Event()
        self._done = 0.0  # seconds of sound
        self._thread = Thread(target=self._import, name="importing")

    def __enter__(self) -> Self:
        self._began = monotonic()
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()
        self.speed = self._done / (monotonic() - self._began)

    def _import(self) -> None:
        for person in cycle(self._people):
            before, seconds = self._done, len(person.samples) / RATE

            def note(
                share: float, before: float = before, all_: float = seconds
            ) -> None:
                self._done = before + share * all_

            self._engine.transcribe(
                person.samples, on_progress=note, should_stop=self._stop.is_set
            )
            if self._stop.is_set():
                return


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
) -> Report:
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


def _table(report: Report) -> str:
    width = max(map(len, report))
    return "\n".join(f"{name:<{width}}  {value}" for name, value in report.items())


def _cpu_seconds() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


if __name__ == "__main__":
    main()

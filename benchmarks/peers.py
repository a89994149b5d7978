"""Live captions of Earshot and of its peers: same feed, model, machine and run.

    python -m benchmarks.peers --streams 1 2 4 8 --rounds 3 --json figures.json

Each peer is installed from PyPI into an environment of its own under --envs and driven
over its own websocket. Round after round every system has its turn; one whose words
come later than 1 s (95th percentile, median of the rounds) sits out more streams.
"""

import argparse
import asyncio
import json
import logging
import os
import platform
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from functools import partial
from pathlib import Path
from statistics import median
from subprocess import CalledProcessError

from websockets.exceptions import WebSocketException

from benchmarks.call import FIXTURE_CALL, Person, excerpt, read_call
from benchmarks.captions import WARM_UP
from benchmarks.feed import stagger
from benchmarks.figures import Figures, percentile
from benchmarks.fixture_model import FIXTURE_MODEL
from benchmarks.rivals import client, earshot
from benchmarks.rivals.display import measure
from benchmarks.rivals.environment import environment
from benchmarks.rivals.registry import RIVALS, named
from benchmarks.rivals.screen import Seen
from benchmarks.rivals.server import Failed, free_port, serving
from benchmarks.rivals.session import Launch, Refused, Rival

logger = logging.getLogger(__name__)

ENVIRONMENTS = Path("~/.cache/earshot-peers").expanduser()
TOO_LATE = 1.0  # s of p95 at which a system gets no more streams
AFTER = 6.0  # s of silence behind the sound: some peers end a line only then


@dataclass(frozen=True)
class Bench:
    """The machine shared out, and what is played on it."""

    people: Sequence[Person]
    model: Path
    threads: int
    cores: set[int]  # for whoever makes captions; the feeder has the last one
    warm_up: float  # s
    logs: Path


PROBLEMS = (Failed, Refused, OSError, TimeoutError, WebSocketException)
System = Callable[[int], list[list[Seen]]]  # streams -> what each displayed


@dataclass(frozen=True)
class Run:
    """One system's turn; latencies in ms."""

    fd_p50: float
    fd_p95: float
    fin_p50: float
    fin_p95: float
    coverage: float
    wer: float
    words: int
    load: float  # of the machine, in the minute before


@dataclass
class Row:
    """A system at a number of streams."""

    system: str
    streams: int
    runs: list[Run] = field(default_factory=list)
    problem: str = ""

    def median(self, figure: str) -> float:
        """Of a figure over the rounds; not a number when nothing was measured."""
        values: list[float] = [getattr(run, figure) for run in self.runs]
        return median(values or [float("nan")])

    @property
    def too_late(self) -> bool:
        """Whether more streams are pointless."""
        return not self.median("fd_p95") <= 1000 * TOO_LATE


def main() -> None:
    """Install, run, print a table, write the JSON."""
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    asked = _arguments()
    bench = _bench(asked)
    systems = _systems(bench, asked.peers or RIVALS, asked.envs)
    os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    rows: list[Row] = []
    for streams in asked.streams:
        fresh = _measure(bench, systems, streams, asked.rounds)
        rows += fresh
        late = {row.system for row in fresh if row.too_late}
        systems = {name: run for name, run in systems.items() if name not in late}
        _write(asked.json, bench, rows)
    print(table(rows))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--streams", type=int, nargs="+", default=[1, 2, 4, 8])
    parser.add_argument("--rounds", type=int, default=3, help="turns of each system")
    parser.add_argument("--peers", type=_peer, nargs="*", help="names; default: all")
    parser.add_argument("--envs", type=Path, default=ENVIRONMENTS, help="cache folder")
    parser.add_argument(
        "--call", type=Path, default=FIXTURE_CALL, help="folder of a call"
    )
    parser.add_argument("--seconds", type=float, default=3600, help="of the call")
    parser.add_argument("--model", type=Path, default=FIXTURE_MODEL, help="folder")
    parser.add_argument("--threads", type=int, default=0, help="of the model")
    parser.add_argument("--warm-up", type=float, default=WARM_UP, help="s, not counted")
    parser.add_argument("--json", type=Path, help="file for the figures")
    return parser.parse_args()


def _peer(name: str) -> Rival:
    try:
        return named(name)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None


def _bench(asked: argparse.Namespace) -> Bench:
    cores = os.sched_getaffinity(0)
    makers = cores - {max(cores)} or cores
    return Bench(
        [excerpt(person, asked.seconds, AFTER) for person in read_call(asked.call)],
        asked.model.resolve(),
        asked.threads or len(makers),
        makers,
        asked.warm_up,
        asked.envs,
    )


def _systems(bench: Bench, peers: Sequence[Rival], envs: Path) -> dict[str, System]:
    """Earshot and what could be installed, by name."""
    ours = partial(earshot.run, bench.model, bench.threads, bench.cores, bench.people)
    systems: dict[str, System] = {earshot.NAME: ours}
    for rival in peers:
        try:
            python = environment(envs, rival.environment, rival.steps)
        except CalledProcessError as error:
            logger.error("%s cannot be installed: %s", rival.name, error)
        else:
            systems[rival.name] = partial(_play, bench, rival, python)
    return systems


def _play(bench: Bench, rival: Rival, python: Path, streams: int) -> list[list[Seen]]:
    launch = Launch(python, bench.model, free_port(), streams)
    log = bench.logs / f"{rival.name}.log"
    command = rival.command(launch)
    with serving(command, launch.port, bench.threads, bench.cores, log):
        return asyncio.run(client.play(rival, launch.port, bench.people, streams))


def _measure(
    bench: Bench, systems: dict[str, System], streams: int, rounds: int
) -> list[Row]:
    rows = {name: Row(name, streams) for name in systems}
    for turn in range(rounds):
        for name, system in systems.items():
            load = os.getloadavg()[0]
            try:
                run = figures(bench, system(streams), load)
            except PROBLEMS as error:
                rows[name].problem = f"{type(error).__name__}: {error}"
                logger.error("%s with %d streams: %s", name, streams, error)
                continue
            rows[name].runs.append(run)
            logger.info("%d x %s, round %d: %s", streams, name, turn + 1, run)
    return list(rows.values())


def figures(bench: Bench, streams: Sequence[Sequence[Seen]], load: float) -> Run:
    """One run's latencies and errors, pooled over its streams."""
    shown = Figures()
    apart = stagger(bench.people, len(streams))
    for number, seen in enumerate(streams):
        person = bench.people[number % len(bench.people)]
        measure(shown, person.words, seen, bench.warm_up - number * apart)
    return Run(
        _ms(shown.fd, 0.5),
        _ms(shown.fd, 0.95),
        _ms(shown.fin, 0.5),
        _ms(shown.fin, 0.95),
        round(shown.coverage, 4),
        round(shown.wer, 4),
        len(shown.fd),
        round(load, 2),
    )


def _ms(values: Sequence[float], share: float) -> float:
    return round(1000 * percentile(values, share), 1)


def table(rows: Sequence[Row]) -> str:
    """Medians of the rounds; behind p95 its least and its most."""
    lines = [
        "| system | streams | FD p50 / p95 ms (spread) | FIN p50 / p95 ms | coverage "
        "| WER |",
        "|---|---|---|---|---|---|",
    ]
    return "\n".join(lines + [_line(row) for row in rows])


def _line(row: Row) -> str:
    if not row.runs:
        return f"| {row.system} | {row.streams} | {row.problem} | | | |"
    worst = [run.fd_p95 for run in row.runs]
    return (
        f"| {row.system} | {row.streams} "
        f"| {row.median('fd_p50'):.0f} / {row.median('fd_p95'):.0f} "
        f"({min(worst):.0f}-{max(worst):.0f}) "
        f"| {row.median('fin_p50'):.0f} / {row.median('fin_p95'):.0f} "
        f"| {row.median('coverage'):.3f} | {row.median('wer'):.3f} |"
    )


def _write(path: Path | None, bench: Bench, rows: Sequence[Row]) -> None:
    if path:
        machine = f"{platform.machine()}, {os.cpu_count()} cores"
        about = {
            "machine": machine,
            "threads": bench.threads,
            "model": bench.model.name,
        }
        report = about | {"rows": [asdict(row) for row in rows]}
        path.write_text(json.dumps(report, indent=1) + "\n")


if __name__ == "__main__":
    main()

"""A long call of many: is memory flat, is nothing lost, do captions keep their pace?

    python -m benchmarks.soak
    python -m benchmarks.soak --people 4 --minutes 2

Starts a site as ``make run`` does, and has people talk over real WebRTC for so many
minutes. Prints the resident memory of each process every minute; at the end connections
that were lost, tracks, the longest gap in one, latency of captions, and by how much the
memory of each process grew in the second half. Exit 1: somebody was lost, or has more
than one track. The people's browsers run on this machine, too.
"""

import argparse
import asyncio
import os
import sys
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks import site as sites
from benchmarks.call import FIXTURE_CALL, Person, active, read_call
from benchmarks.fixture_model import FIXTURE_MODEL
from benchmarks.siege import end_call, first_display
from benchmarks.site import Site

PARTS = ("front", "valkey", "worker", "pages", "calls")
MINUTE = 60.0  # s
JOIN = 60.0  # s for everybody to come in
WARM_UP = 30.0  # s of captions that do not count
FIRST = -15  # nice value of the callers; a call server's is -5


@dataclass
class Report:
    """What a call was like; memory in MB, one for the start and one for each minute."""

    people: int
    lost: int
    tracks: int
    gap_ms: int
    fd: tuple[float, float]  # ms, p50 and p95
    memory: dict[str, list[float]]

    @property
    def is_whole(self) -> bool:
        return self.lost == 0 and self.tracks == self.people

    def __str__(self) -> str:
        growth = ", ".join(
            f"{name} {grown(values):+.1f}" for name, values in self.memory.items()
        )
        return (
            f"connections lost {self.lost}, tracks {self.tracks} of {self.people}, "
            f"longest gap {self.gap_ms} ms\n"
            f"first display p50 / p95 {self.fd[0]:.0f} / {self.fd[1]:.0f} ms\n"
            f"grown in the second half, MB: {growth}"
        )


def grown(values: list[float]) -> float:
    """From the middle to the end."""
    return values[-1] - values[len(values) // 2]


def main() -> None:
    asked = _arguments()
    seconds = asked.minutes * MINUTE + JOIN + WARM_UP
    voices = [active(person, seconds) for person in read_call(asked.call)]
    people = [voices[n % len(voices)] for n in range(asked.people)]
    with sites.fresh(asked.model) as site:
        report = asyncio.run(soak(site, people, asked.minutes))
    print(report)
    sys.exit(not report.is_whole)


async def soak(site: Site, people: list[Person], minutes: int) -> Report:
    """Have them talk. Raises TimeoutError when somebody does not come in."""
    from asgiref.sync import sync_to_async

    from benchmarks.callers import Caller, Reader

    meeting, code, seats = await sync_to_async(sites.seats)([p.name for p in people])
    reader = Reader(site.url, code, await sync_to_async(sites.host_cookie)())
    callers = [
        Caller(site.url, code, seat, person)
        for seat, person in zip(seats, people, strict=True)
    ]
    with suppress(PermissionError):  # of this thread alone; the site runs already
        os.setpriority(os.PRIO_PROCESS, 0, FIRST)
    reading = asyncio.create_task(reader.run())
    for caller in callers:
        caller.start()
    async with asyncio.timeout(JOIN):
        await asyncio.gather(*(caller.is_in.wait() for caller in callers))
    began = time.time()
    memory = await _watch(site, minutes)
    for caller in callers:
        await caller.stop()
    reading.cancel()
    participants = [seat.participant for seat in seats]
    tracks, zero, gap = await sync_to_async(end_call)(meeting, participants)
    fd = first_display(reader, callers, people, tracks, zero, began + WARM_UP)
    lost = sum(len(caller.lost) for caller in callers) + reader.closed
    return Report(len(people), lost, len(tracks), gap, fd, memory)


async def _watch(site: Site, minutes: int) -> dict[str, list[float]]:
    print(
        f"{'minute':<8}" + "".join(f"{name:>9}" for name in PARTS) + "  MB", flush=True
    )
    memory: dict[str, list[float]] = {name: [] for name in PARTS}
    began = time.monotonic()
    for minute in range(minutes + 1):
        await asyncio.sleep(began + minute * MINUTE - time.monotonic())
        now = {name: site.memory(name) for name in PARTS}
        for name, megabytes in now.items():
            memory[name].append(megabytes)
        row = "".join(f"{megabytes:>9.1f}" for megabytes in now.values())
        print(f"{minute:<8}{row}", flush=True)
    return memory


def _arguments() -> Any:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--minutes", type=int, default=10)
    parser.add_argument("--people", type=int, default=8)
    parser.add_argument("--model", type=Path, default=FIXTURE_MODEL)
    parser.add_argument("--call", type=Path, default=FIXTURE_CALL)
    return parser.parse_args()


if __name__ == "__main__":
    main()

"""A call under siege: does anybody in it notice what is done to the server?

    python -m benchmarks.siege --seconds 60
    python -m benchmarks.siege --seconds 10 --people 2 --only "home page" uploads

Starts a site as ``make run`` does, has people talk in a call of it over real WebRTC,
and meanwhile one attack after the other, a call each, the first without any. Prints a
row as each ends: connections that were lost, the longest gap in a track, latency of
captions, and the largest memory of front, pages and calls.
Callers and attackers run on this machine, too: the callers before all others.
"""

import argparse
import asyncio
import json
import sys
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from benchmarks import site as sites
from benchmarks.attacks import KINDS
from benchmarks.call import FIXTURE_CALL, Person, active, read_call
from benchmarks.figures import Figures, measure, percentile
from benchmarks.fixture_model import FIXTURE_MODEL
from benchmarks.site import Site

QUIET = "nothing"
SETTLE = 3.0  # s in the call before the attack, and after it
JOIN = 30.0  # s for everybody to come in
GAP = 200  # ms: a longer one is heard
PARTS = ("front", "pages", "calls")


@dataclass
class Row:
    """What one attack did."""

    attack: str
    lost: int  # connections
    tracks: int  # one a person, if nothing broke
    gap_ms: int  # the longest
    fd: tuple[float, float]  # ms, p50 and p95 of first display
    memory: dict[str, float]  # MB, the largest of each part

    def __str__(self) -> str:
        fd = f"{self.fd[0]:>6.0f} / {self.fd[1]:<6.0f}"
        parts = "  ".join(f"{self.memory[name]:>6.0f}" for name in PARTS)
        return (
            f"{self.attack:<18}{self.lost:>5}{self.tracks:>8}{self.gap_ms:>8}"
            f"   {fd}   {parts}"
        )


HEAD = (
    f"{'attack':<18}{'lost':>5}{'tracks':>8}{'gap ms':>8}"
    f"   {'FD ms p50/p95':<15}   {'   '.join(PARTS)} MB"
)


def main() -> None:
    asked = _arguments()
    rows = {}
    with sites.fresh(asked.model) as site:
        print(HEAD, flush=True)
        for row in siege(site, asked.only or [QUIET, *KINDS], asked):
            print(row, flush=True)
            rows[row.attack] = asdict(row)
    if asked.json:
        print(json.dumps(rows))


def siege(site: Site, attacks: list[str], asked: Any) -> Any:
    """A row for each attack."""
    people = [active(p, asked.seconds + 60) for p in read_call(asked.call)]
    for attack in attacks:
        yield asyncio.run(_under(site, attack, people, asked.people, asked.seconds))


async def _under(
    site: Site, attack: str, people: list[Person], count: int, seconds: float
) -> Row:
    from asgiref.sync import sync_to_async

    from benchmarks.callers import Caller, Reader

    names = [people[n % len(people)].name for n in range(count)]
    meeting, code, seats = await sync_to_async(sites.seats)(names)
    cookie = await sync_to_async(sites.host_cookie)()
    callers = [
        Caller(site.url, code, seat, people[n % len(people)])
        for n, seat in enumerate(seats)
    ]
    reader = Reader(site.url, code, cookie)
    reading = asyncio.create_task(reader.run())
    for caller in callers:
        caller.start()
    try:
        async with asyncio.timeout(JOIN):
            await asyncio.gather(*(caller.is_in.wait() for caller in callers))
        await asyncio.sleep(SETTLE)
        began = time.time()
        memory = await _attack(site, attack, code, cookie, seconds)
        await asyncio.sleep(SETTLE)
    finally:
        for caller in callers:
            await caller.stop()
        reading.cancel()
    end = sync_to_async(end_call)
    tracks, zero, gap = await end(
        meeting, [caller.seat.participant for caller in callers]
    )
    fd = first_display(reader, callers, people, tracks, zero, began)
    lost = sum(len(caller.lost) for caller in callers) + reader.closed
    return Row(attack, lost, len(tracks), gap, fd, memory)


async def _attack(
    site: Site, attack: str, code: str, cookie: str, seconds: float
) -> dict[str, float]:
    """Do it; the largest memory of each part meanwhile."""
    words = (attack, site.url, code, cookie, str(seconds))
    process = None
    if attack != QUIET:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "benchmarks.attacks", *words),
            stdout=asyncio.subprocess.DEVNULL,
        )
    end = time.monotonic() + seconds
    largest = dict.fromkeys(PARTS, 0.0)
    while time.monotonic() < end or (process and process.returncode is None):
        for name in PARTS:
            largest[name] = max(largest[name], site.memory(name))
        await asyncio.sleep(0.5)
    if process and process.returncode:
        raise RuntimeError(f"{attack} ended with exit {process.returncode}")
    return largest


def end_call(meeting_id: int, people: list[int]) -> tuple[list[Any], float, int]:
    """End the call; tracks of these people, the clock's zero, the longest gap in ms."""
    from meetings import services
    from meetings.models import Meeting, Track

    meeting = Meeting.objects.get(pk=meeting_id)
    services.end_meeting(meeting)
    tracks = list(Track.objects.filter(participant__in=people))
    gaps = [end - start for track in tracks for start, end in track.gaps]
    assert meeting.started_at
    return tracks, meeting.started_at.timestamp(), max(gaps, default=0)


def first_display(
    reader: Any,
    callers: list[Any],
    people: list[Person],
    tracks: list[Any],
    zero: float,
    began: float,
) -> tuple[float, float]:
    """Median and p95 in ms, over the words that ended since the attack began."""
    figures = Figures()
    for number, caller in enumerate(callers):
        begun = [t for t in tracks if t.participant_id == caller.seat.participant]
        offset = min(track.offset_ms for track in begun) / 1000
        words = _shifted(people[number % len(people)], offset)
        events = [
            (at - zero, said) for at, said in reader.events[caller.seat.participant]
        ]
        measure(figures, words, events, began - zero)
    return tuple(percentile(figures.fd, share) * 1000 for share in (0.5, 0.95))  # type: ignore[return-value]


def _shifted(person: Person, seconds: float) -> list[Any]:
    from dataclasses import replace

    return [
        replace(w, start=w.start + seconds, end=w.end + seconds) for w in person.words
    ]


def _arguments() -> Any:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--people", type=int, default=4)
    parser.add_argument("--model", type=Path, default=FIXTURE_MODEL)
    parser.add_argument("--call", type=Path, default=FIXTURE_CALL)
    parser.add_argument("--only", nargs="+", choices=[QUIET, *KINDS])
    parser.add_argument("--json", action="store_true", help="also as a last line")
    return parser.parse_args()


if __name__ == "__main__":
    main()
